"""The same benchmark on a real SLURM, started by the tests: two CPU nodes and one with pretended GPUs."""

import contextlib
import os
import re
import shutil
import signal
import time

import pytest
import yaml

from .conftest import ROOT, Workflow
from .output import finished, started
from .slurm import Slurm, lacking

pytestmark = pytest.mark.workflow
# One job each: it takes an order and carries it out, and only on its first attempt, because the order is gone then.
FAULTS = """
import os as _os, pathlib as _pathlib, time as _time
for _order in sorted(_pathlib.Path("orders").glob("*.order")):
    try:
        _order = _order.rename(_order.with_suffix(f".{_os.environ['SLURM_JOB_ID']}"))
    except FileNotFoundError:
        continue
    _hoard = [bytearray(_os.urandom(1 << 20)) * 64 for _ in range(24)] if _order.stem == "memory" else None
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
def on_cluster(slurm):
    """What is typed on this cluster: the arguments and the surroundings of a run."""
    site = ("--slurm-no-account", "--slurm-init-seconds-before-status-checks", "3", "--latency-wait", "10")

    def arguments(workflow, target, *more, config):
        profile = ("--workflow-profile", workflow.source / "profiles/slurm")
        return (target, *profile, *site, *more), {"environment": slurm.environment, "cores": None, "config": config}

    return arguments


def with_gpus(workflow):
    """Fill in the profile as a user would."""
    profile = workflow.source / "profiles/slurm/config.yaml"
    text = profile.read_text().replace("gpu=0", "gpu=2")
    profile.write_text(re.sub(r"^# ((  - \w+:slurm_partition=gpu|set-resources:)$)", r"\1", text, flags=re.MULTILINE))


def test_a_run_over_three_nodes_gives_the_same_bytes(slurm, on_cluster, workflow, undisturbed, tiny):
    """It is killed twice on the way, and the same command goes on."""
    with_gpus(workflow)
    arguments, options = on_cluster(workflow, "tables", config=tiny)
    before, done = len(slurm.jobs()), set()
    for jobs in (2, 5):
        with workflow.running(*arguments, **options) as run:
            wait_until(lambda jobs=jobs: len(slurm.jobs()) - before >= jobs, run, workflow)
            run.kill()
            run.wait()
            done |= finished(workflow.output)
    output = workflow.snakemake(*arguments, **options)
    assert "unlock" not in output and not done & set(started(output).values())
    assert workflow.results("tiny", "tables/*") == undisturbed.results("tiny", "tables/*")
    completed = [job for job in slurm.jobs("COMPLETED") if int(job["id"]) > before]
    assert {job["node"] for job in completed} >= {"n1", "g1"}
    gains = re.compile("rule_(train|similarity_run|controlled_images)")
    elsewhere = [job for job in completed if (job["node"] == "g1") != bool(gains.match(job["comment"]))]
    assert not elsewhere


def test_a_piece_of_papersize_over_three_nodes_gives_the_same_bytes(slurm, on_cluster, workflow, tmp_path_factory):
    """One variant of 24 patients with a few of the generated images, all of 256 x 256, in blocks."""
    config = yaml.safe_load((ROOT / "config/papersize.yaml").read_text())
    train = config["datasets"]["train"] | {"samples": 60, "patients": [1, 24]}
    runs = [("pixels", "ssim"), ("cnn", "cosine")]
    config |= {
        "phantom": config["phantom"] | {"patients": 24, "angles": 32},
        "datasets": {"train": train},
        "variants": {"original": {"method": "original"}},
        "encoders": {"pixels": {"method": "pixels"}, "cnn": {"method": "cnn", "steps": 5}},
        "pairs": {"block": 40},
        "runs": [{"encoders": [encoder], "similarities": [similarity]} for encoder, similarity in runs],
    }
    metrics = [f"results/papersize/train/metrics/original/{'/'.join(run)}.parquet" for run in runs]
    before = len(slurm.jobs())
    (_, *arguments), options = on_cluster(workflow, None, config=config)
    workflow.snakemake(*metrics, *arguments, **options)
    nodes = {job["node"] for job in slurm.jobs("COMPLETED") if int(job["id"]) > before}
    assert nodes == {"n1", "n2"}, "both nodes with processors have worked"
    here = Workflow(tmp_path_factory.mktemp("here"))
    here.snakemake(*metrics, config=config)
    for pattern in ("train/metrics/**/*.parquet", "train/similarity/**/*.parquet", "train/features/**/*.npy"):
        expected = here.results("papersize", pattern)
        assert expected and workflow.results("papersize", pattern) == expected


def test_jobs_that_slurm_ends_are_submitted_again(slurm, on_cluster, finished_copy, tiny):
    workflow = finished_copy
    config = tiny | {"runs": [{"encoders": ["pixels"], "variants": ["original"], "similarities": ["ssim"]}]}
    workflow.snakemake("tables", config=config)
    expected = workflow.results("tiny", "tables/*")
    for name in ("tables", "leak/similarity", "leak/metrics", "leak/scores", "leak/thresholds"):
        shutil.rmtree(workflow.folder / "results/tiny" / name)
    script = workflow.source / "scripts/similarity.py"
    script.write_text(FAULTS + script.read_text())
    orders = workflow.folder / "orders"
    orders.mkdir()
    for order in ("memory", "wait1", "wait2", "wait3"):
        (orders / f"{order}.order").touch()

    arguments, options = on_cluster(workflow, "tables", config=config | {"pairs": {"block": 20}})
    with workflow.running(*arguments, **options) as run:
        wait_until(lambda: not list(orders.glob("*.order")), run, workflow)
        node_of = {job["id"]: job["node"] for job in slurm.jobs()}
        hoards, *waits = (file.suffix[1:] for file in sorted(orders.iterdir()))
        # Two jobs fit on a node, so that the three that wait are not all on one.
        slow = waits[0]
        lost = next(job for job in waits if node_of[job] != node_of[slow])
        (unwanted,) = {*waits} - {slow, lost}
        slurm("scontrol", "update", f"jobid={slow}", "timelimit=1")
        slurm("scancel", unwanted)
        slurm("scontrol", "update", f"nodename={node_of[lost]}", "state=down", "reason=test")
        time.sleep(2)
        with contextlib.suppress(AssertionError):  # it may be back by itself
            slurm("scontrol", "update", f"nodename={node_of[lost]}", "state=resume")
        assert run.wait(timeout=400) == 0, workflow.output[-8000:]
    said = workflow.output
    assert re.search(f"SLURM-job '{slow}' failed, SLURM status is: 'TIMEOUT'", said)
    assert re.search(f"SLURM-job '{unwanted}' failed, SLURM status is: 'CANCELLED'", said)
    assert re.search(f"SLURM-job '{lost}' failed due to a node failure, SLURM status is: 'NODE_FAIL'", said)
    assert re.search(f"SLURM-job '{hoards}' failed", said)
    # Whichever job took the order: jobs of its rule have asked for some memory, and it for twice as much.
    asked = set(re.findall(r"^rule (\w+):\n(?:    .*\n)*?    resources: .*?mem_mb=(\d+)", said, re.MULTILINE))
    assert any((rule, str(2 * int(mb))) in asked for rule, mb in asked), "the second attempt asks for twice as much"
    assert {job["node"] for job in slurm.jobs("COMPLETED")} >= {"n1", "n2"}
    assert workflow.results("tiny", "tables/*") == expected


def test_jobs_that_slurm_has_forgotten_are_told_of_with_what_to_type(slurm, on_cluster, finished_copy, tiny):
    workflow = finished_copy
    expected = workflow.results("tiny", "tables/*")
    for name in ("tables", "leak/similarity"):
        shutil.rmtree(workflow.folder / "results/tiny" / name)
    script = workflow.source / "scripts/similarity.py"
    script.write_text(FAULTS + script.read_text())
    watching = workflow.source / "scripts/genprint/runtime/lost_jobs.py"
    impatient = watching.read_text().replace("EVERY, PATIENCE = 20, 120", "EVERY, PATIENCE = 2, 10")
    assert "2, 10" in impatient
    watching.write_text(impatient)
    (workflow.folder / "orders").mkdir()
    (workflow.folder / "orders/wait.order").touch()
    arguments, options = on_cluster(workflow, "tables", config=tiny)
    with workflow.running(*arguments, **options) as run:
        wait_until(lambda: not list((workflow.folder / "orders").glob("*.order")), run, workflow)
        (job,) = (file.suffix[1:] for file in (workflow.folder / "orders").iterdir())
        slurm.lose_everything()
        told = re.compile(rf"SLURM no longer knows .*\b{job}\b.*press Ctrl-C once and type the same command again")
        wait_until(lambda: told.search(workflow.output), run, workflow, seconds=300)
        run.send_signal(signal.SIGINT)
        run.wait(timeout=300)
    workflow.snakemake(*arguments, **options)
    assert workflow.results("tiny", "tables/*") == expected


def wait_until(true, run, workflow, seconds=200):
    deadline = time.monotonic() + seconds
    while not true():
        assert run.poll() is None and time.monotonic() < deadline, workflow.output[-8000:]
        time.sleep(0.3)
