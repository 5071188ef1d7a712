"""Which image files a data set has, and what csv files say about them.

Nothing here opens an image or imports numpy: the workflow lists the files while it is parsed.
"""

import csv
import glob
import os
import re
import stat
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, takewhile
from pathlib import Path, PurePath
from typing import NamedTuple

from natsort import natsort_keygen

LABELS = {"used": "used", "1": "used", "not_used": "not_used", "0": "not_used"}
FORBIDDEN_IN_IDS = frozenset("/\\,;\"'")
FORBIDDEN_AT_START = frozenset(" .-+=@")  # hidden file, option of a command, formula of a spreadsheet

EXTENSIONS = frozenset((".png", ".jpg", ".jpeg", ".tif", ".tiff", ".dcm", ".dicom", ".ima"))
"""What is cut from the name of a file; a name such as 1.2.840.113 has no extension."""
IDENTIFY = ("stem", "role-stem", "path", "role-path")
NOTHING_SAID = frozenset(("", "nan", "na", "n/a", "#n/a", "null", "none"))
"""What spreadsheets and pandas write into a cell that has no value."""
LEFT_BY_SYSTEMS = frozenset(("thumbs.db", "ehthumbs.db", "desktop.ini", ".ds_store"))
KINDS = {stat.S_ISFIFO: "a pipe", stat.S_ISSOCK: "a socket", stat.S_ISBLK: "a device", stat.S_ISCHR: "a device"}

PATHVAR = re.compile("<[a-z][a-z0-9_]*>")
"""What Snakemake takes for a variable."""

_natural = natsort_keygen()


class Fault(NamedTuple):
    """Something that is wrong, and where: a file, a role or a line of a csv file."""

    where: str
    reason: str


class UnusableFileError(ValueError):
    """What is wrong with one file, in words for the one who has it."""


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
    """List the files of every role in natural order, each once, by the shortest of its paths.

    What systems leave in folders for themselves (Thumbs.db) is not listed. Patterns are globs relative to ``folder``;
    ``**`` stands for folders of any depth. A role that matches nothing has
    an empty list: `genprint.images.reading.read_images` complains of it together with all else that is wrong. What is
    no file is left out: `no_files` names it.
    """
    files = {}
    for role, globs in patterns.items():
        of_place: dict[str, Path] = {}
        for path in _matches(globs, folder):
            if path.is_file() and path.name.lower() not in LEFT_BY_SYSTEMS:
                place = _location(path)
                # Links may lead to one file, or round in circles, by many paths.
                of_place[place] = min(path, of_place.get(place, path), key=lambda one: (len(one.parts), str(one)))
        files[role] = sorted((path.as_posix() for path in of_place.values()), key=natural_order)
    return files


def no_files(patterns: Mapping[str, Sequence[str]], folder: str | Path = ".") -> list[Fault]:
    """Name what patterns match that is neither a file nor a folder: broken links, pipes, sockets and devices."""
    faults = {}
    for globs in patterns.values():
        for path in _matches(globs, folder):
            if path.is_file() or path.is_dir():
                continue
            if path.is_symlink() and not path.exists():
                faults[path.as_posix()] = f"a broken link to {path.readlink()}"
            else:
                mode = path.stat().st_mode
                faults[path.as_posix()] = f"is {next((kind for of, kind in KINDS.items() if of(mode)), 'no file')}"
    return [Fault(path, reason) for path, reason in sorted(faults.items(), key=lambda one: natural_order(one[0]))]


def other_case(patterns: Mapping[str, Sequence[str]], folder: str | Path = ".") -> list[Fault]:
    """Name every pattern that leaves out files which differ from it only in the case of their extension."""
    faults = []
    for role, globs in patterns.items():
        listed = {_location(path) for path in _matches(globs, folder)}
        for pattern in globs:
            stem, suffix = os.path.splitext(pattern)  # noqa: PTH122 (a pattern is no path)
            if not suffix or glob.has_magic(suffix):
                continue
            cases = {case for case in (suffix.lower(), suffix.upper(), suffix.title()) if case != suffix}
            found = [path for path in _matches([stem + case for case in cases], folder) if path.is_file()]
            if others := sorted(path.as_posix() for path in found if _location(path) not in listed):
                more = f" and {len(others) - 1} more" if len(others) > 1 else ""
                faults.append(
                    Fault(role, f"{pattern} leaves out {others[0]}{more}: add {stem}{Path(others[0]).suffix}")
                )
    return faults


def _matches(globs: Sequence[str], folder: str | Path) -> set[Path]:
    matches = (glob.iglob(each, root_dir=folder, recursive=True) for each in globs)  # noqa: PTH207 (may be absolute)
    return {Path(folder, match) for match in chain.from_iterable(matches)}


def refuse_names(files: Mapping[str, Sequence[str]]) -> None:
    """Raise ImageError with every file whose path Snakemake cannot handle.

    It takes braces for wildcards and words in angle brackets for its path variables, and what is not UTF-8 it cannot
    print.
    """
    faults = [Fault(path, reason) for path in chain(*files.values()) if (reason := fault_of_path(path))]
    if faults:
        raise ImageError(faults, "Rename these files, or the folders they are in.")


def fault_of_path(path: str) -> str:
    """Say what is wrong with a path; "" if nothing is."""
    if {"{", "}"} & set(path):
        return "has a brace in its path"
    if PATHVAR.search(path):
        return "has a word in angle brackets in its path"
    if any("\ud800" <= letter <= "\udfff" for letter in path):
        return "has a name that is not UTF-8"
    return ""


def list_images(
    files: Mapping[str, Sequence[str]],
    *,
    identify: str = "stem",
    patterns: Mapping[str, Sequence[str]] | None = None,
) -> tuple[list[ImageFile], list[Fault]]:
    """Return images in natural order of their ids, the generated ones last, and what is wrong with them.

    Args:
        files: the files of every role.
        identify: "stem", the id is the name of the file without its extension; "path", what stands in place of the
            first pattern of a path is put before it (``patient1_slice_001`` of used/*/*); "role-stem" and "role-path",
            the role is put before that (``used-1``), for folders that use the same names.
        patterns: what the files were found by, named when a role has none.

    The real images must have different ids and files, and so must the generated ones; a generated image may share
    either with a real one.
    """
    if identify not in IDENTIFY:
        raise ValueError(f'identify is "{identify}": write one of {", ".join(IDENTIFY)}')
    images, faults = [], []
    for role, paths in files.items():
        if not paths:
            searched = (patterns or {}).get(role, ())
            reason = f"no file matches {', '.join(searched) or 'its patterns'}"
            faults.append(Fault(role, reason + "".join(dict.fromkeys(map(_hint, searched)))))
        for path in map(str, paths):
            stem = _name(path, (patterns or {}).get(role, ()) if identify.endswith("path") else ())
            images.append(ImageFile(f"{role}-{stem}" if identify.startswith("role") else stem, role, path))
            if fault := _fault_of_id(stem, path):
                faults.append(Fault(path, fault))
    images.sort(key=lambda image: (_generated(image), natural_order(image.image_id), image.role, image.file))
    same_id, same_file = defaultdict(list), defaultdict(list)
    for image in images:
        same_id[_generated(image), image.image_id].append(image)
        same_file[_generated(image), _location(image.file)].append(image)
    for twins in same_file.values():
        if len({image.role for image in twins}) > 1:
            faults.append(Fault(twins[0].file, f"has several roles: {', '.join(image.role for image in twins)}"))
    for twins in same_id.values():
        if len({_location(image.file) for image in twins}) > 1:
            for image, twin in zip(twins, [*twins[1:], twins[0]], strict=True):
                reason = f'has the id "{image.image_id}", and so has {twin.file}{_remedy(image, twin, identify)}'
                faults.append(Fault(image.file, reason))
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
    lacking = [image.image_id for image in images if not _generated(image) and image.image_id not in group_of]
    if groups and lacking and not group_faults:
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
    lines, faults = _lines(annotation)
    real = [image for image in images if not _generated(image)]
    known = {_location(image.file) if by_file else image.image_id: image.image_id for image in real}
    values: dict[str, str] = {}
    for number, row in lines:
        key = unicodedata.normalize("NFC", row[annotation.key] or "")
        value = unicodedata.normalize("NFC", (row[annotation.value] or "").strip())
        image_id = known.get(_location(path.parent / (row[annotation.key] or "")) if by_file else key)
        if image_id is None and not by_file and (fault := _fault_of_id(key)):
            problem = fault
        elif image_id is None:
            problem = f'no real image is "{key}"'
        elif value.lower() in NOTHING_SAID:
            problem = f'"{key}" has no {annotation.value}{f" ({value})" if value else ""}'
        elif values.setdefault(image_id, value) != value:
            problem = f'"{key}" is "{value}" here and "{values[image_id]}" further up'
        else:
            continue
        faults.append(Fault(f"{path}, line {number}", problem))
    return values, faults


def faults_of_csv(annotation: Annotation) -> list[Fault]:
    """Say why a file cannot be a csv file that says something about images, whatever the images are."""
    return _lines(annotation)[1]


def _lines(annotation: Annotation) -> tuple[list[tuple[int, dict[str, str]]], list[Fault]]:
    """The rows of a csv file with their line numbers, and what is wrong with the file as a whole."""
    path = Path(annotation.file)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            first = file.readline()
            file.seek(0)
            # Spreadsheets of many countries separate by semicolons, and some by tabs.
            separator = max(",;\t", key=first.count)
            rows = csv.DictReader(file, strict=True, delimiter=separator)
            header = rows.fieldnames or []
            lines = [(rows.line_num, row) for row in rows]
    except UnicodeDecodeError:
        return [], [Fault(str(path), "no csv file in UTF-8: save it as text, in a spreadsheet as CSV UTF-8")]
    except csv.Error:
        return [], [Fault(str(path), "no csv file: a quotation mark is not closed or not alone, or a line is too long")]
    except OSError as error:
        return [], [Fault(str(path), f"cannot be read: {error.strerror}")]
    missing = [column for column in (annotation.key, annotation.value) if column not in header]
    if missing:
        reason = f"no column {' and no column '.join(missing)}; its header is: {', '.join(header)[:200] or 'empty'}"
        return [], [Fault(str(path), reason)]
    return lines, [] if lines else [Fault(str(path), "has a header and no rows")]


def _hint(pattern: str) -> str:
    """Say why a pattern matches nothing, if that can be seen."""
    path = Path(pattern)
    if path.is_dir():
        return f"; {pattern} is a folder: write {pattern.rstrip('/')}/*"
    parts = path.parts
    # A name with a bracket is a pattern to glob; does it exist as it is written?
    literal = PurePath(*takewhile(lambda part: not {"*", "?"} & set(part), parts))
    if glob.has_magic(str(literal)) and Path(literal).exists():
        rest = PurePath(*parts[len(literal.parts) :]) if len(parts) > len(literal.parts) else ""
        return f"; brackets are a pattern: write {PurePath(glob.escape(str(literal)), rest)}"
    fixed = _fixed(pattern)
    return "" if Path(fixed).exists() else f"; there is no folder {fixed}"


def _fixed(pattern: str) -> PurePath:
    """The folders that a pattern begins with, before anything that stands for several names."""
    return PurePath(*takewhile(lambda part: not glob.has_magic(part), PurePath(pattern).parts[:-1]))


def _name(path: str, patterns: Sequence[str]) -> str:
    """The name of a file without its extension, after the folders below the fixed part of its pattern, in NFC."""
    file = PurePath(path)
    stem = file.stem if file.suffix.lower() in EXTENSIONS else file.name
    below = [file.parent.relative_to(_fixed(each)).parts for each in patterns if file.is_relative_to(_fixed(each))]
    return unicodedata.normalize("NFC", "_".join([*min(below, key=len, default=()), stem]))


def _remedy(image: ImageFile, twin: ImageFile, identify: str) -> str:
    """Say which way to name images would tell two apart."""
    same_role = image.role == twin.role
    if same_role and identify.endswith("stem") and PurePath(image.file).parent != PurePath(twin.file).parent:
        better = "role-path" if identify.startswith("role") else "path"
        return f"; `images.identify: {better}` puts the folders before the name"
    if not same_role and not identify.startswith("role"):
        return f"; `images.identify: role-{identify}` puts the role before the name"
    return "; rename one of them"


def _location(path: str | Path) -> str:
    """The place of a file, whatever links lead to it."""
    try:
        return os.path.realpath(path)
    except ValueError:  # a csv file may name what is no path at all
        return str(path)


def _generated(image: ImageFile) -> bool:
    return image.role == "generated"


def _fault_of_id(image_id: str, path: str = "") -> str | None:
    """Say why a text cannot be an id that goes into csv files, run files and tables."""
    if not image_id:
        return "an empty id"
    if any(unicodedata.category(letter) == "Zs" and letter != " " for letter in image_id + path):
        return "a no-break space, or another that is no blank, in its name"
    if not (image_id + path).isprintable():
        return "a control character or undecodable byte in its name"
    if found := FORBIDDEN_IN_IDS.intersection(image_id):
        return f"the id {image_id} has {' '.join(sorted(found))} in it"
    if image_id[0] in FORBIDDEN_AT_START or image_id[-1] == " ":
        return f'the id "{image_id}" must start with a letter, a digit or _ and must not end with a blank'
    return None


def _visible(text: str) -> str:
    return text if text.isprintable() else ascii(text)
