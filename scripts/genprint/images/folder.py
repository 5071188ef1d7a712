"""Which image files a data set has, and what csv files say about them.

Nothing here opens an image or imports numpy: the workflow lists the files while it is parsed.
"""

import csv
import glob
import os
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, takewhile
from pathlib import Path, PurePath
from typing import NamedTuple

from natsort import natsort_keygen

LABELS = {"used": "used", "1": "used", "not_used": "not_used", "0": "not_used"}
FORBIDDEN_IN_IDS = frozenset("/\\,;\"'")
FORBIDDEN_AT_START = frozenset(" .-+=@")  # hidden file, option of a command, formula of a spreadsheet

_natural = natsort_keygen()


class Fault(NamedTuple):
    """Something that is wrong, and where: a file, a role or a line of a csv file."""

    where: str
    reason: str


class ImageError(ValueError):
    """Everything that keeps a data set from being used; ``faults`` has it as a list."""

    def __init__(self, faults: Iterable[Fault], advice: str):
        """Say what is wrong, a line each, and then what to do."""
        self.faults = list(faults)
        lines = [f"  {_visible(where)}: {_visible(reason)}" for where, reason in self.faults]
        heading = f"The images cannot be used, for {len(lines)} reason{'s' * (len(lines) > 1)}:"
        super().__init__("\n".join([heading, *lines, advice]))


class ImageFile(NamedTuple):
    """One image of a data set."""

    image_id: str
    role: str
    file: str


class Annotation(NamedTuple):
    """A csv file with a header that says something about real images.

    ``key`` is the column that names the image: by its id or, if ``key_is`` is "file", by a path relative to the csv
    file. ``value`` is the column with what is said.
    """

    file: str
    value: str
    key: str = "image_id"
    key_is: str = "image_id"


def natural_order(text: str) -> tuple:
    """Return a sort key that puts ``image_2`` before ``image_10`` and tells ``image_1`` from ``image_01``."""
    return _natural(text), text


def list_files(patterns: Mapping[str, Sequence[str]], folder: str | Path = ".") -> dict[str, list[str]]:
    """List the files of every role in natural order, each once.

    Patterns are globs relative to ``folder``; ``**`` stands for folders of any depth. A role that matches nothing has
    an empty list: `genprint.images.reading.read_images` complains of it together with all else that is wrong.
    """
    files = {}
    for role, globs in patterns.items():
        matches = (glob.iglob(each, root_dir=folder, recursive=True) for each in globs)  # noqa: PTH207 (may be absolute)
        paths = {Path(folder, match) for match in chain.from_iterable(matches)}
        # A broken link is listed, so that its absence is noticed; a folder or a pipe is not.
        found = (path.as_posix() for path in paths if path.is_file() or not path.exists())
        files[role] = sorted(found, key=natural_order)
    return files


def refuse_braces(files: Mapping[str, Sequence[str]]) -> None:
    """Raise ImageError with every file that Snakemake would take for a pattern: braces are its wildcards."""
    braced = [Fault(path, "has a brace in its path") for path in chain(*files.values()) if {"{", "}"} & set(path)]
    if braced:
        raise ImageError(braced, "Rename these files, or the folders they are in.")


def list_images(
    files: Mapping[str, Sequence[str]],
    *,
    identify: str = "stem",
    patterns: Mapping[str, Sequence[str]] | None = None,
) -> tuple[list[ImageFile], list[Fault]]:
    """Return images in natural order of their ids, the generated ones last, and what is wrong with them.

    Args:
        files: the files of every role.
        identify: "stem", the id is the name of the file without its extension, or "role-stem", the role and that name
            (``used-1``), for folders that use the same names.
        patterns: what the files were found by, named when a role has none.

    The real images must have different ids and files, and so must the generated ones; a generated image may share
    either with a real one.
    """
    if identify not in ("stem", "role-stem"):
        raise ValueError(f'identify is "{identify}": write "stem" or "role-stem"')
    images, faults = [], []
    for role, paths in files.items():
        if not paths:
            searched = (patterns or {}).get(role, ())
            reason = f"no file matches {', '.join(searched) or 'its patterns'}"
            faults.append(Fault(role, reason + "".join(dict.fromkeys(map(_absent_folder, searched)))))
        for path in map(str, paths):
            stem = PurePath(path).stem
            images.append(ImageFile(stem if identify == "stem" else f"{role}-{stem}", role, path))
            if fault := _fault_of_id(stem, path):
                faults.append(Fault(path, fault))
    images.sort(key=lambda image: (_generated(image), natural_order(image.image_id), image.role, image.file))
    remedy = "; `images.identify: role-stem` puts the role before the name" if identify == "stem" else ""
    same_id, same_file = defaultdict(list), defaultdict(list)
    for image in images:
        same_id[_generated(image), image.image_id].append(image)
        same_file[_generated(image), _location(image.file)].append(image)
    for twins in same_file.values():
        if len(twins) > 1:
            faults.append(Fault(twins[0].file, f"has several roles: {', '.join(image.role for image in twins)}"))
    for twins in same_id.values():
        if len({_location(image.file) for image in twins}) > 1:
            for image, twin in zip(twins, [*twins[1:], twins[0]], strict=True):
                faults.append(Fault(image.file, f'has the id "{image.image_id}", and so has {twin.file}{remedy}'))
    return images, faults


def annotate(
    images: Sequence[ImageFile], *, labels: Annotation | None = None, groups: Annotation | None = None
) -> tuple[dict[str, list[str | None]], list[Fault]]:
    """Return columns ``group`` and ``label`` of the images, and what is wrong with the csv files.

    The label of an image is its role; for the role "unknown" it is what the csv file says: used or 1, not_used or 0.
    Without ``groups`` the group (the patient) of a real image is its own id; generated images have none.
    """
    label_of, faults = read_annotation(labels, images) if labels else ({}, [])
    group_of, group_faults = read_annotation(groups, images) if groups else ({}, [])
    faults += group_faults
    if (
        groups
        and group_of
        and (lacking := [i.image_id for i in images if not _generated(i) and i.image_id not in group_of])
    ):
        reason = f"has no {groups.value} for {', '.join(lacking)}: add lines, with the id itself for a lone image"
        faults.append(Fault(groups.file, reason))
    columns: dict[str, list[str | None]] = {"group": [], "label": []}
    for image in images:
        said = label_of.get(image.image_id) if not _generated(image) else None
        label = LABELS.get(said or "", image.role)
        if labels and said and said not in LABELS:
            faults.append(Fault(labels.file, f'"{image.image_id}" is "{said}": write used or 1, not_used or 0'))
        elif labels and image.role not in ("unknown", label):
            faults.append(Fault(labels.file, f'"{image.image_id}" is "{said}", but its role is {image.role}'))
        columns["label"].append(label)
        columns["group"].append(None if _generated(image) else group_of.get(image.image_id, image.image_id))
    return columns, faults


def read_annotation(annotation: Annotation, images: Sequence[ImageFile]) -> tuple[dict[str, str], list[Fault]]:
    """Read what a csv file says about real images, by id; return it, and what is wrong with the file.

    Wrong are a file that cannot be read, a missing column, a malformed id, an image that does not exist or is not
    real, a missing value, and two values for one image.
    """
    path, by_file = Path(annotation.file), annotation.key_is == "file"
    real = [image for image in images if not _generated(image)]
    known = {_location(image.file) if by_file else image.image_id: image.image_id for image in real}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file, strict=True)
            header = rows.fieldnames or []
            lines = [(rows.line_num, row) for row in rows]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        return {}, [Fault(str(path), f"not a readable csv file in UTF-8 ({error})")]
    missing = [column for column in (annotation.key, annotation.value) if column not in header]
    if missing:
        reason = f"no column {' and no column '.join(missing)}; its header is: {', '.join(header)}"
        return {}, [Fault(str(path), reason)]
    values: dict[str, str] = {}
    faults = []
    for number, row in lines:
        key, value = row[annotation.key] or "", (row[annotation.value] or "").strip()
        image_id = known.get(_location(path.parent / key) if by_file else key)
        if image_id is None and not by_file and (fault := _fault_of_id(key)):
            problem = fault
        elif image_id is None:
            problem = f'no real image is "{key}"'
        elif not value:
            problem = f'"{key}" has no {annotation.value}'
        elif values.setdefault(image_id, value) != value:
            problem = f'"{key}" is "{value}" here and "{values[image_id]}" further up'
        else:
            continue
        faults.append(Fault(f"{path}, line {number}", problem))
    return values, faults


def _absent_folder(pattern: str) -> str:
    """Say which folder a pattern starts with, if that folder does not exist."""
    parts = PurePath(pattern).parts
    fixed = PurePath(*takewhile(lambda part: not glob.has_magic(part), parts[:-1]))
    return "" if Path(fixed).exists() else f"; there is no folder {fixed}"


def _location(path: str | Path) -> str:
    return os.path.abspath(path)  # noqa: PTH100 (a csv file may name what is no path at all; resolve() raises then)


def _generated(image: ImageFile) -> bool:
    return image.role == "generated"


def _fault_of_id(image_id: str, path: str = "") -> str | None:
    """Say why a text cannot be an id that goes into csv files, run files and tables."""
    if not image_id:
        return "an empty id"
    if not (image_id + path).isprintable():
        return "a control character or undecodable byte in its name"
    if found := FORBIDDEN_IN_IDS.intersection(image_id):
        return f"the id {image_id} has {' '.join(sorted(found))} in it"
    if image_id[0] in FORBIDDEN_AT_START or image_id[-1] == " ":
        return f'the id "{image_id}" must start with a letter, a digit or _ and must not end with a blank'
    return None


def _visible(text: str) -> str:
    return text if text.isprintable() else ascii(text)
