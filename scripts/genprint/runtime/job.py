"""What surrounds the work of every job: one BLAS thread, and a log that has everything."""

import contextlib
import os
import sys
import time
import traceback
from collections.abc import Iterator
from io import FileIO
from pathlib import Path
from typing import TextIO

from genprint.runtime.failures import DONE, FAILED, HEADING, explained
from genprint.runtime.progress import watched

BLAS_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class _Log:
    """A text file that a full disk cuts short without hiding what a job has to say."""

    def __init__(self, file: FileIO):
        self.file = file
        self.whole = True

    def write(self, text: str) -> int:
        content = text.encode()
        try:
            self.whole &= self.file.write(content) == len(content)
        except OSError:
            self.whole = False
        return len(text)

    def flush(self) -> None:
        """Do nothing, because nothing is held back."""


class _Tee:
    """Writes to the terminal and to the log."""

    def __init__(self, *streams: TextIO | _Log):
        self.streams = streams

    def write(self, text: str) -> int:
        for stream in self.streams:
            stream.write(text)
            stream.flush()
        return len(text)

    def flush(self) -> None:
        for stream in self.streams:
            stream.flush()


@contextlib.contextmanager
def logged(file: str) -> Iterator[None]:
    """Copy stdout, stderr and the traceback of a failure into ``file`` (Snakemake's ``log:`` redirects nothing).

    A failure is reported in the log, as a traceback and what it means to the user: Snakemake shows the logs of failed
    jobs (profiles/), and a run ends with what they mean. What the log cannot take is reported on stderr. Long work
    says now and then how far it is. The log's last line says how the job ended; a job that was killed leaves none.

    Import numpy inside the block: BLAS looks once how many threads it may have. A result must not depend on the cores
    of the machine, and a sum over eight BLAS threads is not the sum over one; stages that use more threads are told
    how many by their configuration.
    """
    os.environ |= dict.fromkeys(BLAS_THREADS, "1")
    name = "/".join(Path(file).with_suffix("").parts[2:])  # without the folder of the logs and the benchmark
    try:
        raw = FileIO(file, "w")
    except OSError as error:
        sys.exit(f"\n{explained(error)}\n")
    with raw:
        log = _Log(raw)
        out, err = _Tee(sys.stdout, log), _Tee(sys.stderr, log)
        with watched(name, out.write), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            started = time.perf_counter()
            ended = FAILED
            try:
                yield
                ended = DONE
            except Exception as error:
                log.write(f"{traceback.format_exc()}\n{HEADING}\n{explained(error)}\n\n")
                sys.exit(1 if log.whole else f"\n{explained(error)}\n")
            finally:
                log.write(f"{ended} {time.perf_counter() - started:.2f} s\n")
