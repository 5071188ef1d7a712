"""Files that a configuration names, and folders that results go to: which are missing or cannot be written.

The workflow asks while it is parsed, before any work is done; nothing here imports numpy.
"""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path


def check_places(settings: dict, folders: Iterable[str]) -> None:
    """Raise a ValueError with a line for every file of a completed configuration that is not there or whose path has
    braces, which are Snakemake's wildcards, and every folder that neither is writable nor can be made.
    """
    problems = [
        f"{key}: {file} has a brace in its path; rename it, or the folder it is in"
        for key, file in _named_files(settings)
        if {"{", "}"} & set(file)
    ]
    problems += [
        f"{key}: there is no file {file}; write a path from the folder where snakemake is started"
        for key, file in _named_files(settings)
        if not Path(file).is_file()
    ]
    problems += [
        f"{folder}: cannot be written; change its permissions, or start snakemake in another folder with --directory"
        for folder in dict.fromkeys(map(_nearest, folders))
        if not os.access(folder, os.W_OK)
    ]
    if problems:
        raise ValueError("\n".join(problems))


def _named_files(settings: dict) -> Iterator[tuple[str, str]]:
    for name, dataset in settings["datasets"].items():
        for kind in ("labels", "groups"):
            if dataset.get(kind):
                yield f"datasets.{name}.{kind}.file", dataset[kind]["file"]
    for name, encoder in settings["encoders"].items():
        if encoder.get("pretrained"):
            yield f"encoders.{name}.pretrained", encoder["pretrained"]


def _nearest(folder: str) -> str:
    """The folder itself, or the first of its parents that exists."""
    path = Path(folder)
    return str(next(place for place in (path, *path.parents) if place.exists()))
