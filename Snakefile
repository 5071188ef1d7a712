from snakemake.utils import min_version

min_version("9.12")

if "datasets" not in config:

    configfile: workflow.source_path("config/config.yaml")


include: "rules/snakemake_internals.smk"
include: "rules/common.smk"
include: "rules/images.smk"
include: "rules/variants.smk"
include: "rules/features.smk"
include: "rules/similarity.smk"
include: "rules/copies.smk"
include: "rules/evaluation.smk"
include: "rules/significance.smk"
include: "rules/limits.smk"
include: "rules/memorisation.smk"
include: "rules/tables.smk"
include: "rules/gate.smk"
include: "rules/submissions.smk"
include: "rules/report.smk"
include: "rules/identify.smk"
include: "rules/reported.smk"
include: "rules/peers.smk"
include: "rules/run.smk"


rule all:
    default_target: True
    input:
        PLAN.files("metrics"),
        rules.report.output,
        rules.run_times.output,
        rules.tables.output,
        rules.copies_tables.output,
        rules.verdict.output,
        rules.figures.input,
        rules.submissions.input,
        rules.audit_reported.output if SETTINGS["tables"]["reported"] else [],
        limit_files if SETTINGS["limits"] else [],
        memorisation_files if SETTINGS["memorisation"] else [],
    localrule: True
