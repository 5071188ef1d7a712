from snakemake.utils import min_version

min_version("9.12")

if "benchmark" not in config:

    configfile: workflow.source_path("config/config.yaml")


include: "rules/common.smk"
include: "rules/inputs.smk"
include: "rules/images.smk"
include: "rules/variants.smk"
include: "rules/features.smk"
include: "rules/similarity.smk"
include: "rules/evaluation.smk"
include: "rules/significance.smk"
include: "rules/tables.smk"
include: "rules/report.smk"
include: "rules/peers.smk"


onstart:
    # Snakemake 9 starts a timer per finished job for its rate limit, and each wakes the scheduler every second till the
    # end: in long runs that costs more than the jobs. Local jobs need no limit.
    if workflow.local_exec:
        workflow.scheduler.job_rate_limiter = None


rule all:
    default_target: True
    input:
        rules.report.output,
        rules.run_times.output,
        rules.tables.output,
        rules.figures.input,
        rules.submissions.input,
    localrule: True
