"""Files that a configuration names, and folders that results go to: which are missing or cannot be written.

The workflow asks while it is parsed, before any work is done; nothing here imports numpy.
"""

import os
import shlex
import time
from collections.abc import Iterable, Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path

from genprint.images.folder import Annotation, fault_of_path, faults_of_csv
from genprint.plan.sources import declared


def check_places(settings: dict, folders: Iterable[str]) -> None:
    """Raise a ValueError with a line for every file or folder of a completed configuration that cannot be used.

    These are files that are not there or whose path Snakemake cannot handle, csv files that are none or lack a column,
    and folders that are neither writable nor can be made.
    """
    problems = [
        f"{key}: {file} {fault}; rename it, or the folder it is in"
        for key, file in _named_files(settings)
        if (fault := fault_of_path(file))
    ]
    problems += [
        f"{key}: there is no file {file}; write a path from the folder where snakemake is started"
        for key, file in _named_files(settings)
        if not Path(file).is_file()
    ]
    problems += [
        f"{key}: {fault.where}: {fault.reason}"
        for key, annotation in _annotations(settings)
        if Path(annotation.file).is_file()
        for fault in faults_of_csv(annotation)
    ]
    for folder in dict.fromkeys(map(_nearest, folders)):
        if not Path(folder).is_dir():
            problems.append(f"{folder}: is a file, and a folder of that name is needed; rename it")
        elif not os.access(folder, os.W_OK):
            advice = "change its permissions, or start snakemake in another folder with --directory"
            problems.append(f"{folder}: cannot be written; {advice}")
    if problems:
        raise ValueError("\n".join(problems))


def check_python(executable: str) -> None:
    """Raise a ValueError if the shell takes the path of Python apart, because Snakemake does not quote it."""
    if set(executable) & set(" \t\n'\"`$;&|*?()<>\\"):
        raise ValueError(
            f"Python is {executable}, a path that Snakemake cannot start jobs by; move the environment (.venv) to a "
            "folder without blanks and other special characters"
        )


def check_packages(methods: Mapping[str, str]) -> None:
    """Raise a ValueError if a package that a configured method needs beside all others is not installed.

    Args:
        methods: The module of each, by its place in the configuration; it declares ``PACKAGES``.
    """
    missing = {
        place: [package for package in declared(module).get("PACKAGES", ()) if find_spec(package) is None]
        for place, module in methods.items()
    }
    if lines := [f"{place}: needs {', '.join(packages)}" for place, packages in missing.items() if packages]:
        raise ValueError("\n".join([*lines, "Type pip install -r requirements-encoders.txt, or leave these out."]))


def check_source(folder: str) -> None:
    """Raise a ValueError if the workflow is below a folder with a brace, which Snakemake takes for wildcards."""
    if {"{", "}"} & set(folder):
        raise ValueError(f"genprint is in {folder}: Snakemake cannot work from a path with braces; move it elsewhere")


def check_dates(files: Iterable[str], now: float | None = None) -> None:
    """Raise a ValueError if files are dated in the future: Snakemake takes what is made of them for out of date.

    Args:
        files: paths; those that are missing are no matter of this check.
        now: seconds since 1970; None looks at the clock.
    """
    now = time.time() if now is None else now
    later = [file for file in files if Path(file).exists() and Path(file).stat().st_mtime > now]
    if later:
        dated = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(Path(later[0]).stat().st_mtime))
        more = f", and {len(later) - 1:,} more files" if len(later) > 1 else ""
        folders = list(dict.fromkeys(str(Path(file).parent) for file in later))[:5]
        command = f"find {shlex.join(folders)} -maxdepth 1 -newermt now -exec touch {{}} +"
        raise ValueError(
            f"{later[0]}{more}: dated in the future ({dated}), which Snakemake cannot work with; check the clocks of "
            f"the machines, and type: {command}"
        )


def _annotations(settings: dict) -> Iterator[tuple[str, Annotation]]:
    for name, dataset in settings["datasets"].items():
        for kind in ("labels", "groups"):
            if dataset.get(kind):
                yield f"datasets.{name}.{kind}", Annotation(**dataset[kind])


def _named_files(settings: dict) -> Iterator[tuple[str, str]]:
    for key, annotation in _annotations(settings):
        yield f"{key}.file", annotation.file
    for name, encoder in settings["encoders"].items():
        if encoder.get("pretrained"):
            yield f"encoders.{name}.pretrained", encoder["pretrained"]


def _nearest(folder: str) -> str:
    """The folder itself, or the first of its parents that exists."""
    path = Path(folder)
    return str(next(place for place in (path, *path.parents) if place.exists()))
