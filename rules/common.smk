"""From the configuration to the tables of runs. No rules here."""

import sys
from functools import cache
from pathlib import Path

import yaml
from snakemake.exceptions import WorkflowError
from snakemake.logging import logger

SCRIPTS = Path(workflow.current_basedir).parent / "scripts"
sys.path.insert(0, str(SCRIPTS))

from genprint.plan import configuration, needs, run_files, runs
from genprint.images import folder
from genprint.runtime import gpus
from genprint.plan.places import check_places
from genprint.plan.runs import GENERATED_GENERATED, REAL_GENERATED, REAL_REAL, SIDES
from genprint.plan.sources import code_version, declared, registered

SCHEMA = Path(workflow.source_path("../config/schemas/config.schema.yaml"))

try:
    SETTINGS = configuration.complete(config, yaml.safe_load(SCHEMA.read_text()))
    PLAN = runs.plan(SETTINGS)
    RUN_FILES = run_files.chosen(SETTINGS, PLAN.runs)
    if workflow.is_main_process:
        results = [
            f"{kind}/{SETTINGS['benchmark']}"
            for kind in ("results", "logs", "benchmarks")
        ]
        check_places(SETTINGS, [*results, ".snakemake"])
except ValueError as error:
    raise WorkflowError(f"The configuration cannot be used:\n{error}")

DATASETS = SETTINGS["datasets"]


# Snakemake limits only what it knows the amount of. On a cluster, the profile says how many GPUs a run may use, and inside
# its jobs there are those that the job was given.
if "gpu" not in workflow.global_resources:
    workflow.register_resource("gpu", len(gpus.devices()))


pathvars:
    results=f"results/{SETTINGS['benchmark']}",
    logs=f"logs/{SETTINGS['benchmark']}",
    benchmarks=f"benchmarks/{SETTINGS['benchmark']}",


wildcard_constraints:
    dataset="[a-z0-9-]+",
    variant="[a-z0-9-]+",
    encoder="[a-z0-9-]+",
    similarity="[a-z0-9-]+",
    score_rule="[a-z0-9-]+",
    threshold_rule="[a-z0-9-]+",
    pairing="real-generated|real-real|generated-generated",
    block="[0-9]+-[0-9]+",
