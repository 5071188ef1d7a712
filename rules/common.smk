"""From the configuration to the plan of all jobs, and what the rules of several stages share."""

import sys

import yaml

sys.path.insert(0, str(SCRIPTS))

from genprint.images.folder import ImageError, list_files
from genprint.plan import configuration, copies
from genprint.plan.configuration_files import refuse
from genprint.plan.contents import Contents
from genprint.plan.needs import Needs, growing
from genprint.plan.places import (
    check_packages,
    check_places,
    check_python,
    check_source,
)
from genprint.plan.publication import TABLES, Publication
from genprint.plan.versions import Versions
from genprint.plan.workflow import SCORED, Workflow
from genprint.runtime import gpus

SCHEMA = Path(workflow.source_path("../config/schemas/config.schema.yaml"))

try:
    refuse(configuration_files())
    SETTINGS = configuration.complete(config, yaml.safe_load(SCHEMA.read_text()))
    FOLDERS = {
        kind: f"{kind}/{SETTINGS['benchmark']}"
        for kind in ("results", "logs", "benchmarks")
    }
    PLAN = Workflow.of(SETTINGS)
    PUBLICATION = Publication.of(PLAN)
    COPIES = copies.CopySearch(PLAN)
    if IS_MAIN_PROCESS:
        COPIES.check_blocks()
        check_python(sys.executable)
        check_source(str(SCRIPTS.parent))
        if not jobs_have_their_own_environment():
            check_packages(PLAN.encoders_in_use())
        if without_cores():
            raise WorkflowError(
                "No job can run on 0 cores: write --cores 1, or --cores all."
            )
        check_places(SETTINGS, [*FOLDERS.values(), ".snakemake"])
except ImageError as error:
    raise WorkflowError(str(error))
except ValueError as error:
    raise WorkflowError(f"The configuration cannot be used:\n{error}")

CONTENTS = Contents(Path(FOLDERS["results"]) / ".contents.json")
NEEDS = Needs(PLAN)
VERSIONS = Versions(PLAN, SCRIPTS)

# On a cluster, the profile says how many GPUs a run may use, and inside its jobs there are those that the job was given.
limit("gpu", len(gpus.devices()))
# For comparing images and for encoders; where this machine has none, or the profile grants none, it becomes 0.
GPU = int(SETTINGS["pairs"]["device"] != "cpu")
# For jobs that put small tables together.
COLLECTING = {
    "mem_mb": growing(650, per_mb=20),
    "runtime": growing(10, per_mb=2),
}

# Snakemake 9.27 puts no wildcard constraints on what a pathvar holds, so they stand in it.
RUN = "{variant,[a-z0-9-]+}/{encoder,[a-z0-9-]+}/{similarity,%s}"


pathvars:
    **FOLDERS,
    run=RUN % "[a-z0-9-]+",
    run_of_all_pairs=RUN % PLAN.similarity_pattern(shortlist=False),
    run_of_shortlist=RUN % PLAN.similarity_pattern(shortlist=True),


wildcard_constraints:
    dataset="[a-z0-9-]+",
    variant="[a-z0-9-]+",
    encoder="[a-z0-9-]+",
    similarity="[a-z0-9-]+",
    score_rule="[a-z0-9-]+",
    threshold_rule="[a-z0-9-]+",
    pairing="real-generated|real-real|generated-generated",
    block="[0-9]+-[0-9]+",


def sources(dataset):
    """Return what a data set's images are read from; of input files, content decides and not the date."""
    files = PLAN.source_files(dataset)
    if PLAN.input_files(dataset):
        return {name: ancient(paths) for name, paths in files.items()}
    return files


def png(name, category):
    """Return a figure as PNG, which `snakemake --report` shows."""
    return report(
        f"<results>/figures/{name}.png",
        caption=f"../report/{name}.rst",
        category=category,
        labels={"figure": name},
    )


def figure(name, category):
    """Return a figure as PNG and as SVG."""
    return [png(name, category), f"<results>/figures/{name}.svg"]


def table(name):
    """Return a table as csv, which `snakemake --report` shows."""
    return report(
        f"<results>/tables/{name}.csv",
        caption="../report/tables.rst",
        category="Tables",
        labels={"table": name},
    )


def printed(*names):
    """Return tables as Parquet and in the forms that people read."""
    return {
        form: expand("<results>/tables/{table}.{form}", table=names, form=form)
        for form in ("parquet", "csv", "md", "tex")
    }


def limit_files(wildcards):
    """Return all that is written about limits; a configuration without limits is a mistake."""
    if not SETTINGS["limits"]:
        raise WorkflowError(
            "This configuration has no limits to find: add a section `limits` like that of config/limits.yaml."
        )
    return [*rules.limit_tables.output, *PUBLICATION.sheets["limits"]]


def memorisation_files(wildcards):
    """Return all that is written about memorisation; a configuration without it is a mistake."""
    if not SETTINGS["memorisation"]:
        raise WorkflowError(
            "This configuration has no generators that may memorise: add a section `memorisation` like that of "
            "config/memorisation.yaml."
        )
    return [*rules.memorisation_tables.output, *PUBLICATION.sheets["memorisation"]]


def identified_files(wildcards):
    """Return the images of `identify` by role; a configuration without it is a mistake."""
    if not SETTINGS["identify"]:
        raise WorkflowError(
            "This configuration has no sets to identify: add a section `identify` like that of config/identify.yaml."
        )
    return {
        role: ancient(files) for role, files in list_files(PLAN.identified()).items()
    }
