"""How far a long piece of work is: what is done, the rate, and the time left, as a line in the log now and then.

It works like logging: whoever does the work counts, and whoever runs it may watch. A job is watched by
`genprint.runtime.job.logged`; where nothing watches, counting does nothing.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from operator import length_hint
from typing import TypeVar

FIRST_LINE, LONGEST_GAP = 10.0, 600.0  # seconds to the first line, each gap being as long as all before it


Item = TypeVar("Item")

_watcher: tuple[str, Callable[[str], object]] | None = None  # None also while a piece of work is being counted


@contextlib.contextmanager
def watched(name: str, write: Callable[[str], object]) -> Iterator[None]:
    """Call ``write`` now and then, while there is long work inside the block, with a line that begins with the name."""
    global _watcher
    _watcher = name, write
    try:
        yield
    finally:
        _watcher = None


@contextlib.contextmanager
def steps(total: int, unit: str) -> Iterator[Callable[[int], None]]:
    """Yield the function to call with how many of the ``total`` units of work have been done since the last call.

    It may be called from several threads. Work inside other work does not count for itself.
    """
    global _watcher
    if _watcher is None:
        yield lambda count: None
        return
    work, watcher, _watcher = _Work(*_watcher, total, unit), _watcher, None
    try:
        yield work.advance
    finally:
        _watcher = watcher
        if work.next_line > FIRST_LINE:
            work.say(time.monotonic() - work.started)


def counted(items: Iterable[Item], unit: str, total: int | None = None) -> Iterator[Item]:
    """Yield the items, each counted as one unit when the next is asked for; pass the total if they have no length."""
    with steps(length_hint(items) if total is None else total, unit) as advance:
        for item in items:
            yield item
            advance(1)


class _Work:
    """One piece of work that is watched."""

    def __init__(self, name: str, write: Callable[[str], object], total: int, unit: str):
        self.name, self.write, self.total, self.unit = name, write, total, unit
        self.lock = threading.Lock()
        self.done, self.started, self.next_line = 0, time.monotonic(), FIRST_LINE

    def advance(self, count: int) -> None:
        with self.lock:
            self.done += count
            elapsed = time.monotonic() - self.started
            if elapsed >= self.next_line:
                self.say(elapsed)
                self.next_line = elapsed + min(elapsed, LONGEST_GAP)

    def say(self, elapsed: float) -> None:
        rate = self.done / elapsed
        left = timedelta(seconds=round((self.total - self.done) / rate)) if rate else "unknown time"
        self.write(
            f"{self.name}: {self.done:,} of {self.total:,} {self.unit} ({self.done / self.total:.0%}), "
            f"{rate:,.2f} {self.unit}/s, {left} left\n"
        )
