"""Run files: decisions on images without labels, in the form that the challenge asks for."""


rule submissions:
    """Write the chosen run files of every data set with images without labels, and pack them."""
    input:
        PUBLICATION.submission_archives(),
    localrule: True


rule run_files:
    """Decide on every image without a label by every chosen run, and write and pack the run files."""
    input:
        unpack(PUBLICATION.decided),
        copied="<results>/{dataset}/copies/copied.parquet",
    output:
        folder=directory("<results>/submissions/{dataset}"),
        archive="<results>/submissions/{dataset}.zip",
        table="<results>/{dataset}/run_files.parquet",
    log:
        "<logs>/{dataset}/run_files.log",
    benchmark:
        "<benchmarks>/{dataset}/run_files.tsv"
    conda:
        "../envs/genprint.yaml"
    threads: 1
    resources:
        **COLLECTING,
    params:
        code=VERSIONS.code("run_files.py"),
        seed=SETTINGS["seed"],
        run_files=lambda wildcards: PUBLICATION.run_files_of(wildcards.dataset),
        form={
            key: value
            for key, value in SETTINGS["submissions"].items()
            if key != "runs"
        },
    script:
        "../scripts/run_files.py"
