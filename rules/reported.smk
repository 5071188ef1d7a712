"""What the papers' own numbers are worth; needs no images and is no part of a benchmark's results."""

AUDIT = workflow.source_path("../config/reported/audit.yaml")
AUDITED = list(yaml.safe_load(Path(AUDIT).read_text(encoding="utf-8")))


rule audit_reported:
    """Find which rows of the reported tables some confusion matrix gives, and which relations between rows hold."""
    input:
        tables=[
            workflow.source_path(f"../config/reported/{name}.csv") for name in AUDITED
        ],
        description=AUDIT,
    output:
        csv="results/reported/audit.csv",
        md="results/reported/audit.md",
    log:
        "logs/reported.log",
    benchmark:
        "benchmarks/reported.tsv"
    conda:
        "../envs/genprint.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        code=VERSIONS.code("reported.py"),
    script:
        "../scripts/reported.py"
