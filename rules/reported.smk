"""What the papers' own numbers are worth; needs no images and is no part of a benchmark's results."""


rule audit_reported:
    """Find which rows of the reported tables some confusion matrix gives, and which relations between rows hold."""
    input:
        tables=audited_tables(),
        description=workflow.source_path("../config/reported/audit.yaml"),
    output:
        csv="results/reported/audit.csv",
        md="results/reported/audit.md",
    log:
        "logs/reported.log",
    benchmark:
        "benchmarks/reported.tsv"
    conda:
        "../envs/tables.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        code=code("reported.py"),
    script:
        "../scripts/reported.py"
