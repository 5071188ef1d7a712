"""The rules themselves: what they use of Snakemake, and that they stand in any order."""

import inspect
import re
from pathlib import Path

import pytest
import snakemake
import snakemake.api  # before the others: they import one another in a circle
from snakemake.dag import DAG
from snakemake.scheduling.job_scheduler import JobScheduler
from snakemake.settings.types import DeploymentSettings, ResourceSettings
from snakemake.workflow import Workflow
from snakemake_interface_executor_plugins.executors.remote import RemoteExecutor

ROOT = Path(__file__).resolve().parents[2]
RULES = {file.name: file.read_text() for file in sorted((ROOT / "rules").glob("*.smk"))}
INTERNALS = RULES["snakemake_internals.smk"]
CHECKED_WITH = re.search(r'CHECKED_WITH = "(.*)"', INTERNALS).group(1)
# Where Snakemake defines what is undocumented and used here.
UNDOCUMENTED = {
    "workflow.configfiles": Workflow,
    "workflow.current_basedir": Workflow,
    "workflow.is_main_process": Workflow,
    "workflow.local_exec": Workflow,
    "workflow.global_resources": Workflow,
    "workflow.register_resource": Workflow,
    "workflow.resource_settings.cores": ResourceSettings,
    "workflow.deployment_settings.deployment_method": DeploymentSettings,
    "workflow.scheduler.job_rate_limiter": JobScheduler,
    "workflow.scheduler._executor.active_jobs": RemoteExecutor,
    "workflow.dag.needrun_jobs": DAG,
    "workflow.dag.jobs": DAG,
}
DOCUMENTED = {"workflow.source_path"}


@pytest.mark.parametrize("name", UNDOCUMENTED)
def test_snakemake_has_what_is_used_of_it(name):
    attribute, owner = name.rpartition(".")[2], UNDOCUMENTED[name]
    has = hasattr(owner, attribute) or f"self.{attribute} =" in inspect.getsource(owner)
    assert has, (
        f"rules/snakemake_internals.smk uses {name}, which Snakemake {CHECKED_WITH} had and {snakemake.__version__} "
        "lacks: change that file, or go back to the former version in requirements.txt"
    )


def test_the_version_that_was_checked_is_the_one_that_is_installed():
    assert snakemake.__version__ == CHECKED_WITH, (
        f"rules/snakemake_internals.smk was checked with Snakemake {CHECKED_WITH}, not {snakemake.__version__}: run "
        "the workflow tests, read whether what it does is still needed, and write the new version there"
    )


def test_one_file_alone_uses_what_is_undocumented():
    used = {name: set(re.findall(r"\bworkflow(?:\.\w+)+", text)) for name, text in RULES.items()}
    internals = used.pop("snakemake_internals.smk")
    assert {name for name in UNDOCUMENTED if name in internals} == UNDOCUMENTED.keys()
    assert internals <= {*UNDOCUMENTED, *DOCUMENTED}
    assert set().union(*used.values()) <= DOCUMENTED


def test_logic_is_in_the_plan_and_not_in_the_rules():
    functions = [name for text in RULES.values() for name in re.findall(r"^def (\w+)", text, re.M)]
    assert len(functions) <= 20, functions
    assert not [name for name, text in RULES.items() if re.search(r"^( +run|include):", text, re.M)]


@pytest.mark.workflow
def test_after_the_first_two_the_files_of_rules_stand_in_any_order(workflow, tiny):
    def jobs():
        output = workflow.snakemake("-n", config=tiny)
        return sorted(re.findall(r"^(?:local)?rule .*\n.*$", output, re.M))

    before, snakefile = jobs(), workflow.source / "Snakefile"
    lines = snakefile.read_text().splitlines(keepends=True)
    places = [place for place, line in enumerate(lines) if line.startswith("include: ")][2:]
    turned = [lines[place] for place in reversed(places)]
    for place, line in zip(places, turned, strict=True):
        lines[place] = line
    snakefile.write_text("".join(lines))
    assert len(before) > 10 and jobs() == before


@pytest.mark.workflow
def test_a_name_alone_is_put_on_the_defaults(workflow):
    output = workflow.snakemake("-n", "--config", "benchmark=mine")
    assert "results/mine/report.html" in output and "results/embedded" not in output
