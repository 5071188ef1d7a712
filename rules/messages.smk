"""What a run says at its start and, by the handlers of run.smk, at its end. No rules here."""

import time

from genprint.runtime.overview import failure, findings, planned

STARTED = time.time()


def planned_pairs():
    """Pairs of images that all runs compare; those of a shortlist are few beside the ones that it is made from."""
    total = 0
    for run in dict.fromkeys(map(of_all_pairs, PLAN.runs)):
        counts = image_counts(run.dataset)
        for pairing in pairings_of(run):
            left, right = SIDES[pairing]
            total += runs.pairs(counts[left], counts[right], symmetric=left == right)
    return total


def made_files():
    """Every file that the targets of this run need."""
    return [Path(file) for job in workflow.dag.jobs for file in job.output]


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
