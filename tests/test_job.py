import subprocess
import sys
from pathlib import Path

SCRIPTS = str(Path(__file__).resolve().parents[1] / "scripts")


def run(body, log):
    script = f"from genprint.job import logged\nwith logged({str(log)!r}):\n{body}\n"
    return subprocess.run([sys.executable, "-c", script], env={"PYTHONPATH": SCRIPTS}, capture_output=True, text=True)


def test_what_is_printed_is_on_the_terminal_and_in_the_log(tmp_path):
    done = run("    print('epoch 1')", tmp_path / "log")
    assert "epoch 1" in done.stdout
    assert (tmp_path / "log").read_text().startswith("epoch 1\ndone in ")


def test_a_mistake_of_the_user_is_a_message_and_the_traceback_is_in_the_log(tmp_path):
    done = run("    raise ValueError('a.png: truncated')", tmp_path / "log")
    assert done.returncode == 1
    assert "a.png: truncated" in done.stderr and "Traceback" not in done.stderr
    assert "Traceback" in (tmp_path / "log").read_text()


def test_a_full_disk_and_an_unwritable_log_are_one_line(tmp_path):
    done = run("    raise OSError(28, 'No space left on device', 'real.npy')", tmp_path / "log")
    assert done.returncode == 1
    assert done.stderr.strip() == (
        "The disk is full (real.npy): free some space, or start snakemake in a folder on another disk."
    )
    done = run("    pass", tmp_path)
    assert done.returncode == 1
    assert done.stderr.strip() == (
        f"Is a directory ({tmp_path}): remove what is in the way, or start snakemake in another folder."
    )


def test_any_other_failure_shows_its_traceback_in_both(tmp_path):
    done = run("    1 / 0", tmp_path / "log")
    assert done.returncode == 1
    assert "ZeroDivisionError" in done.stderr
    assert "ZeroDivisionError" in (tmp_path / "log").read_text()


def test_blas_has_one_thread_whatever_the_machine_has(tmp_path):
    body = (
        "    import numpy, threadpoolctl\n    print({pool['num_threads'] for pool in threadpoolctl.threadpool_info()})"
    )
    assert "{1}" in run(body, tmp_path / "log").stdout
