"""Speed of the pair kernels beside other libraries; no part of a benchmark's results."""


rule peers:
    """Measure pairs per second of every kernel and of its peers, in one run on one core each."""
    output:
        table="results/peers/peers.csv",
        page=update(f"{workflow.basedir}/docs/performance.md"),
    log:
        "logs/peers.log",
    benchmark:
        "benchmarks/peers.tsv"
    conda:
        "../envs/peers.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime=120,
    params:
        code=code("peers.py", *registered("genprint.similarity").values()),
    script:
        "../scripts/peers.py"
