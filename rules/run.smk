"""What surrounds a run: nobody else works on the same results, and what it did is on record."""

from genprint.runtime import record

RECORD = record.Record(
    f"results/{SETTINGS['benchmark']}", SETTINGS, source=SCRIPTS.parent
)


onstart:
    logger.info(f"{len(list(workflow.dag.needrun_jobs()))} jobs to do.")
    # Snakemake 9 starts a timer per finished job for its rate limit, and each wakes the scheduler every second till the
    # end: in long runs that costs more than the jobs. Local jobs need no limit.
    if workflow.local_exec:
        workflow.scheduler.job_rate_limiter = None
    if {job.rule.name for job in workflow.dag.needrun_jobs()} == {"summary"}:
        return  # only looks, also while another run is at work
    try:
        RECORD.start()
    except ValueError as error:
        raise WorkflowError(str(error))


onsuccess:
    RECORD.end("done", f"benchmarks/{SETTINGS['benchmark']}")
    logger.info(findings(made_files()))


onerror:
    RECORD.end("failed", f"benchmarks/{SETTINGS['benchmark']}")
    logger.error(failure(failed_logs()))


rule summary:
    """List which combinations are done, failed or missing."""
    log:
        "<logs>/summary.log",
    localrule: True
    conda:
        "../envs/evaluation.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        code=code("summary.py"),
        runs=PLAN.runs,
        results=f"results/{SETTINGS['benchmark']}",
        logs=f"logs/{SETTINGS['benchmark']}",
    script:
        "../scripts/summary.py"
