import io
import threading
from itertools import count

import pytest

from genprint.runtime import progress


@pytest.fixture
def clock(monkeypatch):
    """Every look at the clock is a second later."""
    seconds = count()
    monkeypatch.setattr(progress.time, "monotonic", lambda: float(next(seconds)))


def test_where_nothing_watches_nothing_is_counted_and_items_are_the_same():
    assert list(progress.counted([3, 1, 2], "images")) == [3, 1, 2]
    with progress.steps(10, "pairs") as advance:
        advance(3)


def test_a_log_has_sparse_lines_with_count_rate_and_time_left(clock):
    log = io.StringIO()
    with progress.watched("train", log.write):
        assert sum(progress.counted(range(100), "images")) == 4950
    lines = log.getvalue().splitlines()
    assert lines[0] == "train: 10 of 100 images (10%), 1.00 images/s, 0:01:30 left"
    assert [line.split()[1] for line in lines] == ["10", "20", "40", "80", "100"]


def test_short_work_shows_nothing():
    log = io.StringIO()
    with progress.watched("train", log.write):
        list(progress.counted(range(1000), "images"))
    assert log.getvalue() == ""


def test_work_inside_work_does_not_count(clock):
    log = io.StringIO()
    with progress.watched("power", log.write):
        for _ in progress.counted(range(12), "repetitions"):
            list(progress.counted(range(50), "pairs"))
    assert "repetitions" in log.getvalue() and "pairs" not in log.getvalue()


def test_nothing_is_lost_between_threads(clock):
    log = io.StringIO()
    with progress.watched("ssim", log.write), progress.steps(8000, "pairs") as advance:
        threads = [threading.Thread(target=lambda: [advance(1) for _ in range(1000)]) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert log.getvalue().splitlines()[-1].startswith("ssim: 8,000 of 8,000 pairs (100%)")


def test_work_without_a_length_is_told_it(clock):
    log = io.StringIO()
    with progress.watched("read", log.write):
        list(progress.counted(iter(range(20)), "images", 20))
    assert log.getvalue().splitlines()[-1] == "read: 20 of 20 images (100%), 0.95 images/s, 0:00:00 left"


def test_after_an_error_the_next_work_is_watched_again(clock):
    log = io.StringIO()
    with progress.watched("train", log.write):
        with pytest.raises(ZeroDivisionError), progress.steps(5, "images"):
            _ = 1 / 0
        list(progress.counted(range(20), "batches"))
    assert "batches" in log.getvalue()
