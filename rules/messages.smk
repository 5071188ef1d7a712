"""What a run says at its start and at its end. No rules here."""

import time

from genprint.overview import failure, findings, planned

STARTED = time.time()


def planned_pairs():
    """Pairs of images that all runs compare."""
    total = 0
    for run in PLAN.runs:
        counts = image_counts(run.dataset)
        for pairing in pairings_of(run):
            left, right = SIDES[pairing]
            total += runs.pairs(counts[left], counts[right], symmetric=left == right)
    return total


def failed_logs():
    """Logs of the jobs that began and did not end well, by name."""
    return {
        file: Path(file).read_text(encoding="utf-8", errors="replace")
        for job in workflow.dag.needrun_jobs()
        for file in map(str, job.log)
        if Path(file).is_file() and Path(file).stat().st_mtime >= STARTED
    }


if workflow.is_main_process:
    for line in planned(PLAN, planned_pairs()):
        logger.info(line)


onstart:
    logger.info(f"{len(list(workflow.dag.needrun_jobs()))} jobs to do.")
    # Snakemake 9 starts a timer per finished job for its rate limit, and each wakes the scheduler every second till the
    # end: in long runs that costs more than the jobs. Local jobs need no limit.
    if workflow.local_exec:
        workflow.scheduler.job_rate_limiter = None


onsuccess:
    logger.info(
        findings(Path(file) for job in workflow.dag.jobs for file in job.output)
    )


onerror:
    logger.error(failure(failed_logs()))
