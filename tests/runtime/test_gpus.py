"""Leases on pretended GPUs by real processes."""

import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from genprint.runtime import gpus

SCRIPTS = str(Path(gpus.__file__).parents[2])
HOLD = """
import os, sys
from genprint.runtime.gpus import leased
with leased(1) as device:
    print(device, os.environ["CUDA_VISIBLE_DEVICES"], flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def machine(tmp_path, monkeypatch):
    """Two GPUs, and no lease on them."""
    monkeypatch.setattr(gpus.tempfile, "gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr(gpus, "SECONDS_BETWEEN_TRIES", 0.05)
    monkeypatch.delenv("SLURM_JOB_ID", raising=False)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1")


@pytest.fixture
def hold(tmp_path):
    """Starts a process that leases a GPU and holds it; returns it once it has one, and what it printed."""
    with ExitStack() as stack:

        def start(**changes):
            environment = os.environ | {"PYTHONPATH": SCRIPTS, "TMPDIR": str(tmp_path)} | changes
            process = stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-c", HOLD],
                    env=environment,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            stack.callback(process.kill)
            return process, process.stdout.readline().strip()

        yield start


def test_every_process_has_a_gpu_of_its_own(hold):
    (_, first), (_, second) = hold(), hold()
    assert {first, second} == {"0 0", "1 1"}


def test_the_third_waits_until_one_is_free(hold):
    first, said = hold()
    hold()
    third, told = hold()
    assert told == "waiting for a GPU: other jobs hold 0, 1"
    first.stdin.close()
    assert third.stdout.readline().strip() == said


def test_a_killed_holder_leaves_nothing_behind(hold):
    (first, said), _ = hold(), hold()
    first.kill()
    first.wait()
    assert hold()[1] == said


def test_a_failing_job_lets_go():
    for _ in range(2):
        with pytest.raises(RuntimeError), gpus.leased(1) as device:
            raise RuntimeError
        assert device == "0"


def test_who_wants_none_sees_none():
    for wanted in (0, None):
        with gpus.leased(wanted) as device:
            assert device is None and os.environ["CUDA_VISIBLE_DEVICES"] == ""
    assert os.environ["CUDA_VISIBLE_DEVICES"] == "0,1"


@pytest.mark.parametrize("visible", ["", "-1"])
def test_without_a_gpu_the_job_goes_on(visible, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    with gpus.leased(1) as device:
        assert device is None


def test_the_choice_of_slurm_stands(hold):
    """Each of two jobs calls its own GPU 0, and neither waits for the other."""
    jobs = [hold(SLURM_JOB_ID=job, CUDA_VISIBLE_DEVICES="0") for job in ("17", "18")]
    assert [said for _, said in jobs] == ["0 0", "0 0"]


def test_a_slurm_job_without_a_gpu_takes_none_of_the_node(monkeypatch):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES")
    monkeypatch.setenv("SLURM_JOB_ID", "17")
    assert gpus.devices() == []


def test_two_processes_inside_one_allocation_share_its_gpus(hold):
    jobs = [hold(SLURM_JOB_ID="17", CUDA_VISIBLE_DEVICES="2,3") for _ in range(2)]
    assert {said for _, said in jobs} == {"2 2", "3 3"}


def test_names_that_are_no_numbers(hold):
    jobs = [hold(CUDA_VISIBLE_DEVICES="MIG-GPU-7a/1/0, GPU-5b") for _ in range(2)]
    assert {said for _, said in jobs} == {"MIG-GPU-7a/1/0 MIG-GPU-7a/1/0", "GPU-5b GPU-5b"}


def test_torch_is_not_imported():
    code = "import sys, genprint.runtime.gpus; sys.exit(bool({'torch', 'numpy'} & sys.modules.keys()))"
    subprocess.run([sys.executable, "-c", code], env=os.environ | {"PYTHONPATH": SCRIPTS}, check=True)
