"""How far a long piece of work is: what is done, the rate, and the time left.

It works like logging: whoever does the work counts, and whoever runs it may watch. A job is watched by
`genprint.runtime.job.logged`; where nothing watches, counting does nothing.
"""

import contextlib
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TextIO, TypeVar

SILENCE = 1.0  # seconds in which nothing is shown: most work is done by then
REDRAWN = 0.2  # seconds between two states of a bar
FIRST_LINE, LONGEST_GAP = 10.0, 600.0  # seconds to the first line in a log, each gap being as long as all before it
LINE = "{desc}: {n:,} of {total:,}{unit} ({percentage:.0f} %), {rate_noinv_fmt}, {remaining} left"
BAR = "{desc} {percentage:3.0f} % |{bar}| {n:,} of {total:,}{unit}, {rate_noinv_fmt}, {remaining} left"

Item = TypeVar("Item")

_watcher: "_Watcher | None" = None


@contextlib.contextmanager
def watched(name: str, lines: TextIO, terminal: TextIO | None = None) -> Iterator[None]:
    """Show all work inside the block: as sparse ``lines``, and as a bar if there is a ``terminal``.

    Only one process at a time has a bar in a terminal; the others are silent there.
    """
    global _watcher
    _watcher = _Watcher(name, lines, terminal)
    try:
        yield
    finally:
        _watcher = None


@contextlib.contextmanager
def steps(total: int, unit: str) -> Iterator[Callable[[int], None]]:
    """A piece of work: yields the function to call with how many of the ``total`` units have been done since.

    It may be called from several threads. Work inside other work does not count for itself.
    """
    watcher = _watcher
    if watcher is None or watcher.work:
        yield _uncounted
        return
    watcher.work = _Work(watcher, total, unit)
    try:
        yield watcher.work.advance
    finally:
        watcher.work.end()
        watcher.work = None


def counted(items: Iterable[Item], unit: str, total: int | None = None) -> Iterator[Item]:
    """The items, each counted as one unit when the next is asked for; ``total`` is needed if they have no length."""
    with steps(len(items) if total is None else total, unit) as advance:
        for item in items:
            yield item
            advance(1)


def clear() -> None:
    """Remove the bar, so that other text can be written to its terminal."""
    if _watcher is not None and _watcher.work:
        _watcher.work.clear()


def _uncounted(_: int) -> None:
    pass


@dataclass
class _Watcher:
    """Where work is shown, and the one piece of it that is being shown."""

    name: str
    lines: TextIO
    terminal: TextIO | None
    work: "_Work | None" = None


class _Work:
    """One piece of work as it is shown."""

    def __init__(self, watcher: _Watcher, total: int, unit: str):
        self.watcher, self.total, self.unit = watcher, total, f" {unit}"
        self.lock = threading.Lock()
        self.done, self.started = 0, time.monotonic()
        self.next_bar, self.next_line = SILENCE, FIRST_LINE
        self.drawn = self.said = False
        self.owned: TextIO | None = None

    def advance(self, count: int) -> None:
        with self.lock:
            self.done += count
            elapsed = time.monotonic() - self.started
            if self.watcher.terminal and elapsed >= self.next_bar and self._owns_terminal():
                self._draw(f"\r{self._meter(elapsed, BAR, shutil.get_terminal_size().columns - 1)}\033[K")
                self.next_bar, self.drawn = elapsed + REDRAWN, True
            if elapsed >= self.next_line:
                self._say(elapsed)
                self.next_line = elapsed + min(elapsed, LONGEST_GAP)

    def end(self) -> None:
        if self.said:
            self._say(time.monotonic() - self.started)
        self.clear()
        if self.owned:
            self.owned.close()

    def clear(self) -> None:
        if self.drawn:
            self._draw("\r\033[K")
            self.drawn = False

    def _draw(self, text: str) -> None:
        self.watcher.terminal.write(text)
        self.watcher.terminal.flush()

    def _say(self, elapsed: float) -> None:
        self.watcher.lines.write(" ".join(self._meter(elapsed, LINE).split()) + "\n")  # rates are padded
        self.watcher.lines.flush()
        self.said = True

    def _meter(self, elapsed: float, form: str, width: int | None = None) -> str:
        from tqdm import tqdm  # 0.1 s that short jobs need not wait for

        return tqdm.format_meter(
            self.done, self.total, elapsed, ncols=width, prefix=self.watcher.name, unit=self.unit, bar_format=form
        )

    def _owns_terminal(self) -> bool:
        """Whether the terminal is locked for this process, which it tries to do."""
        if self.owned is None:
            with contextlib.suppress(ImportError, OSError):
                import fcntl

                device = open(os.ttyname(self.watcher.terminal.fileno()), "w")  # noqa: PTH123, SIM115 (kept open)
                try:
                    fcntl.flock(device, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except OSError:
                    device.close()
                else:
                    self.owned = device
        return self.owned is not None
