"""Whether input files are still what they were: their content decides, and not the clock.

Snakemake compares dates, so it does not notice a file that was replaced by one with an older date, or that changed
within the second in which a result was written. Rules that read input files therefore call them `ancient` and have a
parameter `content`: a hash of their names and of their contents. Hashes are remembered beside size, dates and inode of
each file, and a file is only read again if one of these has changed.
"""

import contextlib
import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

Stamp = tuple[int, ...]
"""Size, time of modification, time of change (which nobody can set) and inode of a file."""


@dataclass
class Contents:
    """The contents of input files."""

    memory: Path
    """The file in which hashes are remembered; it is written only where its folder exists."""
    _known: dict[str, tuple[Stamp, str]] | None = field(default=None)

    def version(self, files: Iterable[str | Path]) -> str:
        """Return a hash of the names and contents of files, in their order; one that is not there has no content."""
        digest, read = hashlib.sha256(), 0
        for file in map(str, files):
            stamp = _stamp(file)
            known = self._remembered().get(file)
            if stamp is None:
                content = ""
            elif known is not None and known[0] == stamp:
                content = known[1]
            else:
                content, read = _hash(file), read + 1
                self._remembered()[file] = stamp, content
            digest.update(json.dumps([file, content]).encode())
        if read:
            self.remember()
        return digest.hexdigest()

    def _remembered(self) -> dict[str, tuple[Stamp, str]]:
        if self._known is None:
            try:
                entries = json.loads(self.memory.read_text(encoding="utf-8"))
                self._known = {file: ((*map(int, stamp),), str(content)) for file, (stamp, content) in entries.items()}
            except (OSError, ValueError, TypeError, AttributeError):
                self._known = {}  # nothing is remembered, or not in this form: everything is read once more
        return self._known

    def remember(self) -> None:
        """Write what is known, for the next run."""
        # Jobs of a cluster may do this at the same time; whoever is last has read the same files.
        temporary = self.memory.with_name(f"{self.memory.name}.{os.getpid()}.part")
        with contextlib.suppress(OSError):
            temporary.write_text(json.dumps(self._remembered()), encoding="utf-8")
            temporary.replace(self.memory)


def _stamp(file: str) -> Stamp | None:
    try:
        found = Path(file).stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino


def _hash(file: str) -> str:
    try:
        with Path(file).open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest()
    except OSError:
        return ""  # the job that reads it says what is wrong with it
