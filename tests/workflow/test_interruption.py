"""Runs that are killed, refused, or find broken files: what is there stays right, and the same command goes on."""

import contextlib
import os
import random
import re
import shutil
import signal
import subprocess
import time

import pyarrow.parquet as pq
import pytest

from .output import finished, started

pytestmark = pytest.mark.workflow
KILLS = 6


@pytest.fixture(scope="module")
def reference(undisturbed) -> dict[str, bytes]:
    return undisturbed.results("tiny", "tables/*")


def test_a_run_killed_at_any_moment_goes_on_where_it_was(workflow, tiny, reference):
    moments, done = random.Random(2025), set()
    for kill in range(KILLS):
        with workflow.running("tables", config=tiny) as run:
            # Each later than the one before, so that the kills fall into all stages.
            time.sleep(2 + moments.uniform(0, 2) + 0.9 * kill)
            os.kill(run.pid, signal.SIGKILL)  # the jobs it has started live on, as those of a crashed shell do
            run.wait()
            output = workflow.output
            assert "unlock" not in output
            assert not done & set(started(output).values()), "a finished job ran again"
            done |= finished(output)
    output = workflow.snakemake("tables", config=tiny)
    assert not done & set(started(output).values())
    assert workflow.results("tiny", "tables/*") == reference
    assert not list((workflow.folder / "results").rglob("*.part"))
    assert "Nothing to be done" in workflow.snakemake("tables", config=tiny)


def test_ctrl_c_says_so_and_the_same_command_goes_on(workflow, tiny, reference):
    """In a terminal all processes of a run are told; from elsewhere only Snakemake is."""
    for tell in (os.killpg, os.kill):
        with workflow.running("tables", config=tiny) as run:
            while "Finished jobid" not in workflow.output:
                time.sleep(0.1)
                assert run.poll() is None, workflow.output
            time.sleep(1)
            tell(run.pid, signal.SIGINT)
            assert run.wait(timeout=60)
            assert "Stopped, as you asked. Type the same command again to go on" in workflow.output
            assert "What went wrong" not in workflow.output
    workflow.snakemake("tables", config=tiny)
    assert workflow.results("tiny", "tables/*") == reference


def test_a_second_run_at_the_same_time_says_so_and_harms_nothing(workflow, tiny, reference):
    with workflow.running("tables", config=tiny) as first:
        while "Finished jobid" not in workflow.output:
            time.sleep(0.1)
            assert first.poll() is None, workflow.output
        second = workflow.snakemake("tables", config=tiny, ok=False)
        assert "another run is at work here" in second and f"process {first.pid} on" in second
        assert "missing" in workflow.snakemake("summary", config=tiny)
        assert first.wait() == 0, workflow.output
    assert workflow.results("tiny", "tables/*") == reference


def test_a_full_disk_is_named_and_the_run_goes_on_when_there_is_room(workflow, tiny):
    leak = tiny["datasets"]["leak"] | {"samples": 1000}
    config = tiny | {"datasets": {"leak": leak}}
    results = workflow.folder / "results"
    with mounted(results):
        workflow.snakemake("results/tiny/leak/images/real.npy", config=config)
        filler = results / "filler"
        free = os.statvfs(results).f_bavail * os.statvfs(results).f_frsize
        filler.write_bytes(bytes(free - (32 << 10)))
        shard = "results/tiny/leak/similarity/original/pixels/ssim/real-generated/0-0.parquet"
        output = workflow.snakemake(shard, config=config, ok=False)
        assert re.search(rf"{shard}: cannot be written \(.*No space left.*make room", output)
        assert not list(results.rglob("*.part")) and not (workflow.folder / shard).exists()
        filler.unlink()
        workflow.snakemake(shard, config=config)
        assert pq.read_table(workflow.folder / shard).num_rows > 10_000


def test_read_only_results_are_named_and_nothing_is_touched(workflow, tiny):
    with mounted(workflow.folder / "results") as remount:
        remount("ro")
        output = workflow.snakemake("tables", config=tiny, ok=False)
        assert re.search(r"results: cannot be written; change its permissions, or start snakemake in another", output)
        assert "Traceback" not in output
        remount("rw")
        workflow.snakemake("results/tiny/phantom/real.npy", config=tiny)


def test_a_truncated_shard_is_named_never_read_and_computed_anew(finished_copy, tiny, reference):
    shard = finished_copy.folder / "results/tiny/leak/similarity/original/pixels/ssim/real-generated/0-0.parquet"
    shard.write_bytes(shard.read_bytes()[:-100])
    shutil.rmtree(finished_copy.folder / "results/tiny/tables")
    output = finished_copy.snakemake("tables", config=tiny, ok=False)
    name = shard.relative_to(finished_copy.folder)
    assert re.search(rf"{name}: is not whole \(.*delete it and start the same command again", output)
    failed = finished_copy.snakemake("summary", config=tiny)
    assert "1 done, 1 failed, 0 missing" in failed and str(name) in failed
    shard.unlink()
    output = finished_copy.snakemake("tables", config=tiny)
    rules = set(re.findall(r"^(?:local)?rule (\w+):", output, re.MULTILINE))
    assert rules == {"similarity_run", "evaluation", "significance", "tables"}
    assert finished_copy.results("tiny", "tables/*") == reference


@contextlib.contextmanager
def mounted(folder):
    """A file system of its own in a folder, of 2 MB; yields what mounts it in another way."""
    folder.mkdir(parents=True)
    if os.geteuid() or mount("-t", "tmpfs", "-o", "size=2m", "tmpfs", folder).returncode:
        pytest.skip("only root may mount a file system, and not in every container")
    try:
        yield lambda option: mount("-o", f"remount,{option}", folder).check_returncode()
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def mount(*arguments):
    return subprocess.run(["mount", *arguments], capture_output=True, text=True)
