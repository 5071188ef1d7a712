"""Run files: decisions on images without labels, in the form that the challenge asks for."""


rule submissions:
    """Write the chosen run files of every data set with images without labels, and pack them."""
    input:
        submission_archives(),
    localrule: True


rule submission:
    """Decide on every image without a label, and write the run file."""
    input:
        scores="<results>/{dataset}/scores/{variant}/{encoder}/{similarity}.parquet",
        thresholds="<results>/{dataset}/thresholds/{variant}/{encoder}/{similarity}.parquet",
    output:
        "<results>/submissions/{dataset}/{variant}_{encoder}_{similarity}_{score_rule}_{threshold_rule}.csv",
    log:
        "<logs>/{dataset}/submissions/{variant}_{encoder}_{similarity}_{score_rule}_{threshold_rule}.log",
    benchmark:
        "<benchmarks>/{dataset}/submissions/{variant}_{encoder}_{similarity}_{score_rule}_{threshold_rule}.tsv"
    conda:
        "../envs/tables.yaml"
    threads: 1
    resources:
        mem_mb=memory("collection"),
        runtime=minutes("collection"),
    params:
        code=code("submission.py"),
        form=submission_form(),
    script:
        "../scripts/submission.py"


rule submission_archive:
    """Pack the run files of a data set."""
    input:
        submission_files,
    output:
        "<results>/submissions/{dataset}.zip",
    log:
        "<logs>/{dataset}/submissions.log",
    benchmark:
        "<benchmarks>/{dataset}/submissions.tsv"
    conda:
        "../envs/tables.yaml"
    threads: 1
    resources:
        mem_mb=memory("collection"),
        runtime=minutes("collection"),
    params:
        code=code("submission_archive.py"),
    script:
        "../scripts/submission_archive.py"
