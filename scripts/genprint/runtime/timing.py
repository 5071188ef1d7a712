"""How much of a job's time is the work itself; the rest is starting, importing, compiling, reading and writing."""

import contextlib
import time
from collections.abc import Iterator

_seconds = 0.0
_working = False


@contextlib.contextmanager
def work() -> Iterator[None]:
    """Count the time inside as work; what is inside of other work is counted already."""
    global _seconds, _working
    if _working:
        yield
        return
    started, _working = time.perf_counter(), True
    try:
        yield
    finally:
        _seconds, _working = _seconds + time.perf_counter() - started, False


@contextlib.contextmanager
def preparation() -> Iterator[None]:
    """Take the time inside off the work around it."""
    global _seconds
    started = time.perf_counter()
    try:
        yield
    finally:
        if _working:
            _seconds -= time.perf_counter() - started


def seconds_of_work() -> float:
    """Seconds that this process has spent in work so far."""
    return max(0.0, _seconds)
