import re
import subprocess
import sys
from pathlib import Path

SCRIPTS = str(Path(__file__).resolve().parents[2] / "scripts")


def run(body, log):
    script = f"from genprint.runtime.job import logged\nwith logged({str(log)!r}):\n{body}\n"
    return subprocess.run([sys.executable, "-c", script], env={"PYTHONPATH": SCRIPTS}, capture_output=True, text=True)


def test_what_is_printed_is_on_the_terminal_and_in_the_log(tmp_path):
    done = run("    print('epoch 1')", tmp_path / "log")
    assert "epoch 1" in done.stdout
    assert re.fullmatch(r"epoch 1\ndone in \d+\.\d\d s\n", (tmp_path / "log").read_text())


def test_a_failure_is_in_the_log_with_its_traceback_and_what_it_means(tmp_path):
    done = run("    raise ValueError('a.png: truncated')", tmp_path / "log")
    assert done.returncode == 1 and not done.stderr
    log = (tmp_path / "log").read_text()
    assert log.startswith("Traceback") and "\nWhat went wrong:\na.png: truncated\n\nfailed after " in log
    done = run("    1 / 0", tmp_path / "log")
    assert done.returncode == 1 and not done.stderr
    assert "ZeroDivisionError: division by zero. This is a mistake of genprint itself" in (tmp_path / "log").read_text()


def test_what_the_log_cannot_take_is_one_line_on_the_terminal(tmp_path):
    done = run("    raise OSError(28, 'No space left on device', 'real.npy')", "/dev/full")
    assert done.returncode == 1
    assert done.stderr.strip() == (
        "The disk is full (real.npy): free some space, or start snakemake in a folder on another disk."
    )
    done = run("    pass", tmp_path)
    assert done.returncode == 1
    assert done.stderr.strip() == (
        f"Is a directory ({tmp_path}): remove what is in the way, or start snakemake in another folder."
    )


def test_blas_has_one_thread_whatever_the_machine_has(tmp_path):
    body = (
        "    import numpy, threadpoolctl\n    print({pool['num_threads'] for pool in threadpoolctl.threadpool_info()})"
    )
    assert "{1}" in run(body, tmp_path / "log").stdout
