"""Speed of the pair kernels beside other libraries; no part of a benchmark's results."""

from genprint.plan.sources import registered


rule peers:
    """Measure pairs per second of every kernel and of its peers, in one run on one core each."""
    output:
        csv="results/peers/peers.csv",
        md="results/peers/peers.md",
    log:
        "logs/peers.log",
    benchmark:
        "benchmarks/peers.tsv"
    conda:
        "../envs/genprint.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime=120,
    params:
        code=VERSIONS.code_of_methods(
            "peers.py", registered("genprint.similarity").values()
        ),
    script:
        "../scripts/peers.py"
