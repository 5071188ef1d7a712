import io
import os
import pty
import subprocess
import sys
import threading
from itertools import count
from pathlib import Path

import pytest

from genprint.runtime import progress

SCRIPTS = str(Path(__file__).resolve().parents[2] / "scripts")


@pytest.fixture
def clock(monkeypatch):
    """Every look at the clock is a second later."""
    seconds = count()
    monkeypatch.setattr(progress.time, "monotonic", lambda: float(next(seconds)))


def test_where_nothing_watches_nothing_is_counted_and_items_are_the_same():
    assert list(progress.counted([3, 1, 2], "images")) == [3, 1, 2]
    with progress.steps(10, "pairs") as advance:
        assert advance is progress._uncounted


def test_a_log_has_sparse_lines_with_count_rate_and_time_left(clock):
    log = io.StringIO()
    with progress.watched("train", log):
        assert sum(progress.counted(range(100), "images")) == 4950
    lines = log.getvalue().splitlines()
    assert lines[0] == "train: 10 of 100 images (10 %), 1.00 images/s, 01:30 left"
    assert [line.split()[1] for line in lines] == ["10", "20", "40", "80", "100"]


def test_short_work_shows_nothing():
    log = io.StringIO()
    with progress.watched("train", log, log):
        list(progress.counted(range(1000), "images"))
    assert log.getvalue() == ""


def test_work_inside_work_does_not_count(clock):
    log = io.StringIO()
    with progress.watched("power", log):
        for _ in progress.counted(range(12), "repetitions"):
            list(progress.counted(range(50), "pairs"))
    assert "repetitions" in log.getvalue() and "pairs" not in log.getvalue()


def test_nothing_is_lost_between_threads(clock):
    log = io.StringIO()
    with progress.watched("ssim", log), progress.steps(8000, "pairs") as advance:
        threads = [threading.Thread(target=lambda: [advance(1) for _ in range(1000)]) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert log.getvalue().splitlines()[-1].startswith("ssim: 8,000 of 8,000 pairs (100 %)")


def test_after_an_error_the_next_work_is_watched_again(clock):
    log = io.StringIO()
    with progress.watched("train", log):
        with pytest.raises(ZeroDivisionError), progress.steps(5, "images"):
            _ = 1 / 0
        list(progress.counted(range(20), "batches"))
    assert "batches" in log.getvalue()


def in_a_terminal(body):
    """What a process that runs ``body`` writes to a terminal."""
    ours, theirs = pty.openpty()
    program = f"import sys, time; sys.path.insert(0, {SCRIPTS!r})\nfrom genprint.runtime import progress\n{body}"
    process = subprocess.Popen([sys.executable, "-c", program], stdout=theirs, stderr=theirs)
    os.close(theirs)
    text = b""
    while True:
        try:
            text += os.read(ours, 4096)
        except OSError:  # the other end is closed
            break
    process.wait()
    os.close(ours)
    return text.decode()


BAR = """
progress.SILENCE = progress.REDRAWN = 0
with progress.watched("leak/images", sys.stderr, sys.stderr):
    for number in progress.counted(range(4), "images"):
        progress.clear(); print("line", number)
"""


def test_a_terminal_has_a_bar_that_makes_way_for_lines_and_goes():
    shown = in_a_terminal(BAR)
    assert "leak/images  50 % |" in shown and " 2 of 4 images, " in shown
    assert "\r\x1b[Kline 2" in shown
    assert shown.endswith("\r\x1b[K")


def test_a_second_process_leaves_the_terminal_alone():
    owner = "import fcntl, os\nowner = open(os.ttyname(2), 'w')\nfcntl.flock(owner, fcntl.LOCK_EX)\n"
    assert "%" not in in_a_terminal(owner + BAR)
