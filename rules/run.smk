"""What surrounds a run: nobody else works on the same results, and what it did is on record."""

from genprint.plan.needs import check_memory
from genprint.plan.places import check_dates
from genprint.runtime.interruption import Interruption
from genprint.runtime.lost_jobs import watch
from genprint.runtime.overview import failure, findings, planned
from genprint.runtime.record import Record

INTERRUPTION = Interruption()
RECORD = Record(FOLDERS["results"], SETTINGS, source=SCRIPTS.parent)

if IS_MAIN_PROCESS:
    for line in planned(PLAN.plan, PLAN.pairs()):
        logger.info(line)


onstart:
    logger.info(f"{len(jobs_to_do())} jobs to do.")
    hurry()
    if set(jobs_to_do()) == {"summary"}:
        return  # only looks, also while another run is at work
    try:
        check_memory(asked_memory())
        if {"folder_images", "controlled_images"} & set(jobs_to_do()):
            check_dates(
                file for name in PLAN.datasets for file in PLAN.input_files(name)
            )
        RECORD.start()
    except ValueError as error:
        raise WorkflowError(str(error))
    INTERRUPTION.watch()
    if not is_local():
        watch(submitted, logger.warning)
    CONTENTS.remember()  # only now there is a folder for it


onsuccess:
    RECORD.end("done", FOLDERS["benchmarks"])
    logger.info(findings(made_files()))


onerror:
    RECORD.end("failed", FOLDERS["benchmarks"])
    logger.error(failure(failed_logs(), interrupted=INTERRUPTION.seen))


rule summary:
    """List which combinations are done, failed or missing."""
    log:
        "<logs>/summary.log",
    localrule: True
    conda:
        "../envs/genprint.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        code=VERSIONS.code("summary.py"),
        runs=PLAN.runs,
        results=FOLDERS["results"],
        logs=FOLDERS["logs"],
    script:
        "../scripts/summary.py"
