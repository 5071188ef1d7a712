from snakemake.utils import min_version

min_version("9.12")

if "benchmark" not in config:

    configfile: workflow.source_path("config/config.yaml")


STAGES = [
    "common",
    "inputs",
    "images",
    "variants",
    "features",
    "similarity",
    "evaluation",
    "significance",
]
STAGES += ["limits", "tables", "report", "reported", "peers"]

for stage in STAGES:

    include: f"rules/{stage}.smk"


onstart:
    # Snakemake 9 starts a timer per finished job for its rate limit, and each wakes the scheduler every second till the
    # end: in long runs that costs more than the jobs. Local jobs need no limit.
    if workflow.local_exec:
        workflow.scheduler.job_rate_limiter = None


rule all:
    default_target: True
    input:
        rules.report.output,
        rules.tables.output,
        rules.figures.output,
        rules.submissions.input,
        audit_files(),
        limit_tables(),
    localrule: True
