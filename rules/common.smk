"""From the configuration to the tables of runs and to the files a job needs. No rules here."""

import sys
from functools import cache
from pathlib import Path

import yaml
from snakemake.exceptions import WorkflowError
from snakemake.logging import logger

SCRIPTS = Path(workflow.current_basedir).parent / "scripts"
sys.path.insert(0, str(SCRIPTS))

from genprint import configuration, folder, runs
from genprint.runs import GENERATED_GENERATED, REAL_GENERATED, REAL_REAL, SIDES
from genprint.sources import code_version, declared, registered

SCHEMA = Path(workflow.source_path("../config/schemas/config.schema.yaml"))

try:
    SETTINGS = configuration.complete(config, yaml.safe_load(SCHEMA.read_text()))
except configuration.ConfigurationError as error:
    raise WorkflowError(f"The configuration cannot be used:\n{error}")

PLAN = runs.plan(SETTINGS)
DATASETS = SETTINGS["datasets"]

if workflow.is_main_process:
    for line in PLAN.dropped:
        logger.info(f"Left out: {line}.")


pathvars:
    results=f"results/{SETTINGS['benchmark']}",
    logs=f"logs/{SETTINGS['benchmark']}",
    benchmarks=f"benchmarks/{SETTINGS['benchmark']}",


wildcard_constraints:
    dataset="[a-z0-9-]+",
    variant="[a-z0-9-]+",
    encoder="[a-z0-9-]+",
    similarity="[a-z0-9-]+",
    pairing="real-generated|real-real|generated-generated",
    block="[0-9]+-[0-9]+",
