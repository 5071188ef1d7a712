"""All that is used of Snakemake beyond its documentation; tests/workflow/test_rules.py ties it to a version."""

import time
from pathlib import Path

from snakemake.exceptions import WorkflowError
from snakemake.logging import logger

CHECKED_WITH = "9.27.1"

STARTED = time.time()
SCRIPTS = Path(workflow.current_basedir).parent / "scripts"
# Jobs parse the workflow too.
IS_MAIN_PROCESS = workflow.is_main_process


def configuration_files():
    """Return the files that the configuration was read from."""
    return list(workflow.configfiles)


def without_cores():
    """Tell whether the run was started with no core, which no job can do with."""
    return workflow.resource_settings.cores == 0


def jobs_have_their_own_environment():
    """Tell whether jobs run in environments of envs/, and not in the one that Snakemake was started in."""
    return bool(workflow.deployment_settings.deployment_method)


def limit(resource, amount):
    """Limit a resource that nobody has: Snakemake counts only what it knows the amount of."""
    if resource not in workflow.global_resources:
        workflow.register_resource(resource, amount)


def is_local():
    """Tell whether jobs run on this machine and not on a cluster."""
    return workflow.local_exec


def hurry():
    """Do without the limit of jobs a second, where jobs are local.

    Snakemake 9 starts a timer for every finished job, and each wakes the scheduler every second till the end: in long
    runs that costs more than the jobs.
    """
    if is_local():
        workflow.scheduler.job_rate_limiter = None


def submitted():
    """Return the ids of the jobs on the cluster that the run waits for."""
    return [
        job.external_jobid for job in list(workflow.scheduler._executor.active_jobs)
    ]


def jobs_to_do():
    """Return the names of the rules of all jobs that are to be done."""
    return [job.rule.name for job in workflow.dag.needrun_jobs()]


def asked_memory():
    """Return the megabytes that jobs to do ask for, by the name of the rule: the most of any job; {} on a cluster.

    What follows from files that are still to be made is not known yet.
    """
    asked = {}
    for job in workflow.dag.needrun_jobs() if is_local() else ():
        megabytes = job.resources.get("mem_mb")
        if isinstance(megabytes, int):
            asked[job.rule.name] = max(megabytes, asked.get(job.rule.name, 0))
    return asked


def made_files():
    """Return every file that the targets of this run need."""
    return [Path(file) for job in workflow.dag.jobs for file in job.output]


def failed_logs():
    """Return the logs of the jobs that began and did not end well, by name."""
    return {
        file: Path(file).read_text(encoding="utf-8", errors="replace")
        for job in workflow.dag.needrun_jobs()
        for file in map(str, job.log)
        if Path(file).is_file() and Path(file).stat().st_mtime >= STARTED
    }
