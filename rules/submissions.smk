"""Run files: decisions on images without labels, in the form that the challenge asks for."""


rule submissions:
    """Write the chosen run files of every data set with images without labels, and pack them."""
    input:
        PUBLICATION.submission_archives(),
    localrule: True


rule submission:
    """Decide on every image without a label, and write the run file."""
    input:
        scores="<results>/{dataset}/scores/<run>.parquet",
        thresholds="<results>/{dataset}/thresholds/<run>.parquet",
        copied="<results>/{dataset}/copies/copied.parquet",
    output:
        "<results>/submissions/{dataset}/{variant}_{encoder}_{similarity}_{score_rule}_{threshold_rule}.csv",
    log:
        "<logs>/{dataset}/submissions/{variant}_{encoder}_{similarity}_{score_rule}_{threshold_rule}.log",
    benchmark:
        "<benchmarks>/{dataset}/submissions/{variant}_{encoder}_{similarity}_{score_rule}_{threshold_rule}.tsv"
    conda:
        "../envs/genprint.yaml"
    threads: 1
    resources:
        **COLLECTING,
    params:
        code=VERSIONS.code("submission.py"),
        form={
            key: value
            for key, value in SETTINGS["submissions"].items()
            if key != "runs"
        },
    script:
        "../scripts/submission.py"


rule submission_archive:
    """Pack the run files of a data set."""
    input:
        PUBLICATION.submission_files,
    output:
        "<results>/submissions/{dataset}.zip",
    log:
        "<logs>/{dataset}/submissions.log",
    benchmark:
        "<benchmarks>/{dataset}/submissions.tsv"
    conda:
        "../envs/genprint.yaml"
    threads: 1
    resources:
        **COLLECTING,
    params:
        code=VERSIONS.code("submission_archive.py"),
    script:
        "../scripts/submission_archive.py"
