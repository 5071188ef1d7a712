"""What the failure of a job means to the user, and the marks in a job's log by which its end is recognised."""

import errno
import re

HEADING = "What went wrong:"
DONE, FAILED = "done in", "failed after"  # how the last line of a log begins


# torch and OpenCV have errors of their own for it.
_NO_MEMORY = re.compile(r"can't allocate memory|not enough memory|insufficient memory|out of memory", re.IGNORECASE)
_NO_HANDLES = (errno.EMFILE, errno.ENFILE)


def without_means(error: BaseException) -> bool:
    """Tell whether the machine is to blame and not a file: there is no memory, or no file can be opened any more."""
    return _without_memory(error) or (isinstance(error, OSError) and error.errno in _NO_HANDLES)


def _without_memory(error: BaseException) -> bool:
    if isinstance(error, ValueError):  # a message of ours, with names of files in it
        return False
    own = isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno == errno.ENOMEM)
    return own or (not isinstance(error, OSError) and _NO_MEMORY.search(str(error)) is not None)


def explained(error: BaseException) -> str:
    """Say what is wrong and what to do: the message of this library's own errors, advice for those of the machine."""
    if _without_memory(error):
        return "The memory is full: write a smaller `pairs.block`, or a smaller `images.size`."
    match error:
        # numpy tells of a full disk without its number.
        case OSError() if error.errno in (errno.ENOSPC, errno.EDQUOT) or " requested and " in str(error):
            return f"The disk is full{_at(error)}: free some space, or start snakemake in a folder on another disk."
        case OSError(errno=errno.EACCES | errno.EPERM | errno.EROFS):
            return f"Not allowed to open or write{_at(error)}: change its permissions, or start snakemake elsewhere."
        case OSError(errno=errno.EMFILE | errno.ENFILE):
            return f"Too many files are open at once{_at(error)}: type `ulimit -n 4096`, and start snakemake again."
        case OSError(errno=errno.EIO):
            return f"The disk fails{_at(error)}: copy what is on it to another disk, and start snakemake there."
        case OSError(filename=str()):
            return f"{error.strerror}{_at(error)}: remove what is in the way, or start snakemake in another folder."
        case ValueError():
            return str(error)
    return f"{type(error).__name__}: {error}. This is a mistake of genprint itself: please report it with its log."


def logged_failure(log: str) -> str | None:
    """Return the explanation in the text of a job's log; None if the job did not get as far as writing one."""
    _, heading, explanation = log.rpartition(f"\n{HEADING}\n")
    return explanation.partition("\n\n")[0] if heading else None


def _at(error: OSError) -> str:
    return f" ({error.filename})" if error.filename else ""
