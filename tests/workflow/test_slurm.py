"""The same benchmark on a real SLURM, started by the tests: two CPU nodes and one with pretended GPUs."""

import os
import re
import time

import pytest

from .slurm import Slurm, lacking

pytestmark = pytest.mark.workflow
SCRIPT = "scripts/similarity.py"
# One job each: it takes an order and carries it out, and only on its first attempt, because the order is gone then.
FAULTS = """
import os as _os, pathlib as _pathlib, time as _time
for _order in sorted(_pathlib.Path("orders").glob("*.order")):
    try:
        _order = _order.rename(_order.with_suffix(f".{_os.environ['SLURM_JOB_ID']}"))
    except FileNotFoundError:
        continue
    _hoard = [bytearray(_os.urandom(1 << 20)) * 64 for _ in range(40)] if _order.stem == "memory" else None
    _time.sleep(600)
"""


@pytest.fixture(scope="module")
def slurm(tmp_path_factory):
    if missing := lacking():
        leave_out = pytest.fail if os.environ.get("GENPRINT_SLURM") == "required" else pytest.skip
        leave_out(f"no SLURM here: {', '.join(missing)} missing; apt-get install slurm-wlm munge")
    with Slurm(tmp_path_factory.mktemp("slurm")) as cluster:
        yield cluster


@pytest.fixture
def submitted(workflow, slurm):
    """What is typed on this cluster, whose profile is filled in as a user would."""
    profile = workflow.source / "profiles/slurm/config.yaml"
    text = profile.read_text().replace("gpu=0", "gpu=2")
    profile.write_text(re.sub(r"^# ((  - \w+:slurm_partition=gpu|set-resources:)$)", r"\1", text, flags=re.MULTILINE))
    checks = ("--slurm-no-account", "--slurm-init-seconds-before-status-checks", "4", "--latency-wait", "10")
    return {
        "arguments": ("tables", "--workflow-profile", profile.parent, *checks),
        "options": {"environment": slurm.environment, "cores": None},
    }


def test_a_run_over_three_nodes_gives_the_same_bytes(slurm, submitted, workflow, undisturbed, tiny):
    """It is killed twice on the way, and the same command goes on."""
    for jobs in (2, 5):
        with workflow.running(*submitted["arguments"], config=tiny, **submitted["options"]) as run:
            wait_until(lambda jobs=jobs: len(slurm.jobs()) >= jobs, run, workflow)
            run.kill()
            run.wait()
    output = workflow.snakemake(*submitted["arguments"], config=tiny, **submitted["options"])
    assert "unlock" not in output
    assert workflow.results("tiny", "tables/*") == undisturbed.results("tiny", "tables/*")
    assert {job["node"] for job in slurm.jobs("COMPLETED")} == {"n1", "n2", "g1"}
    assert all(
        job["partition"] == "gpu" for job in slurm.jobs() if re.search("rule_(train|encode|similarity)", job["comment"])
    )


def test_jobs_that_slurm_ends_are_submitted_again(slurm, submitted, workflow, undisturbed, tiny):
    script = workflow.source / SCRIPT
    script.write_text(FAULTS + script.read_text())
    orders = workflow.folder / "orders"
    orders.mkdir()
    for order in ("cancel", "memory", "node", "time"):
        (orders / f"{order}.order").touch()
    limits = [f"similarity_block:{limit}" for limit in ("mem_mb=700", "runtime=1", "slurm_partition=cpu", "gpu=0")]
    config = tiny | {"pairs": {"block": 20}}
    with workflow.running(
        *submitted["arguments"], "--set-resources", *limits, config=config, **submitted["options"]
    ) as run:
        victim = {}
        for order in ("cancel", "node"):
            wait_until(lambda order=order: list(orders.glob(f"{order}.[0-9]*")), run, workflow)
            victim[order] = next(orders.glob(f"{order}.[0-9]*")).suffix[1:]
        slurm("scancel", victim["cancel"])
        node = next(job["node"] for job in slurm.jobs() if job["id"] == victim["node"])
        slurm("scontrol", "update", f"nodename={node}", "state=down", "reason=test")
        time.sleep(2)
        slurm("scontrol", "update", f"nodename={node}", "state=resume")
        assert run.wait(timeout=400) == 0, workflow.output[-8000:]
    ended = {job["state"] for job in slurm.jobs()}
    assert {"CANCELLED", "OUT_OF_MEMORY", "NODE_FAIL", "TIMEOUT"} <= ended
    assert not list(orders.glob("*.order"))
    assert workflow.results("tiny", "tables/*") == undisturbed.results("tiny", "tables/*")


def wait_until(true, run, workflow, seconds=200):
    deadline = time.monotonic() + seconds
    while not true():
        assert run.poll() is None and time.monotonic() < deadline, workflow.output[-8000:]
        time.sleep(0.3)
