"""What every file of a benchmark holds: the page docs/artifacts.md, written from the files of a finished run."""

import csv
import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from genprint.scoring.metrics import METRICS

Columns = list[tuple[str, str]]
"""Names and types; of an array, its axes without a name and its type."""

PAIRS = "<dataset>/similarity/<variant>/<encoder>/<similarity>"
RUN_FILE = "<variant>/<encoder>/<similarity>.parquet"

FILES = {
    "phantom/real.npy": "the simulated CT slices that controlled data sets start from",
    "phantom/real.parquet": "a row for each of them",
    "<dataset>/images/real.npy": "the real images as they were read and resized",
    "<dataset>/images/real.parquet": "a row for each of them, in natural order of the ids",
    "<dataset>/images/generated.npy": "the generated images",
    "<dataset>/images/generated.parquet": "a row for each of them",
    "<dataset>/images/skipped.csv": "files that could not be read and were left out, with the reason",
    "<dataset>/variants/<variant>/real.npy": "the real images with noise or enhanced; `original` has no copy",
    "<dataset>/variants/<variant>/generated.npy": "the generated images, treated alike",
    "<dataset>/features/<variant>/<encoder>/weights.safetensors": "what a trained encoder has learnt",
    "<dataset>/features/<variant>/<encoder>/calibration.npz": "data range and binarisation thresholds of its features",
    "<dataset>/features/<variant>/<encoder>/real.npy": "features of the real images",
    "<dataset>/features/<variant>/<encoder>/generated.npy": "features of the generated images",
    f"{PAIRS}/real-generated/<block>.parquet": "a row for each pair kept",
    f"{PAIRS}/real-real/<block>.parquet": "the same; each pair once, the image that comes first as the reference",
    f"{PAIRS}/generated-generated/<block>.parquet": "the same, of runs with `generated_generated`",
    f"<dataset>/scores/{RUN_FILE}": "a row for each candidate, source and score rule",
    f"<dataset>/thresholds/{RUN_FILE}": "a row for each source, score rule and threshold rule",
    f"<dataset>/metrics/{RUN_FILE}": "a row for each source, score rule, threshold rule and half",
    f"<dataset>/statistics/{RUN_FILE}": "a row for each subset of pairs; only of runs with `generated_generated`",
    "<dataset>/significance.parquet": "a row for each combination of the data set, on the evaluation half",
    "<dataset>/selection.parquet": "the best combination by AUC and by kappa, as chosen on either half",
    "<dataset>/shown.parquet": "each candidate and source, of the run that was best on the calibration half",
    "submissions/<dataset>/<run>.csv": "a run file: a decision for each image of unknown label",
    "submissions/<dataset>.zip": "the run files of a data set",
    "limits/<ladder>/<splits>.parquet": "a row for each trial of a ladder of leaks (target `limits`)",
    "limits/power.parquet": "how often each method finds each leak",
    "limits/limits.parquet": "the smallest leak that each method finds with 95 % power",
    "tables/<table>.parquet": "a table with its types, title and notes: what the report and the charts are made from",
    "tables/<table>.csv": "a table for programs: all digits",
    "tables/<table>.md": "the same for people; of the ablation, the rows by the score and threshold rule of the tables",
    "tables/<table>.tex": "the same for LaTeX",
    "figures/<figure>.png": "a figure",
    "figures/<figure>.svg": "the same, to be scaled",
    "pseudonyms.csv": "which pseudonym stands for which id, where `report.pseudonyms` is true; keep it in the building",
    "report.html": "everything on one page that needs no other file",
    "run.json": "the latest run: command, configuration, commit, versions, machine, start, end, cost of the stages",
    "run-times.html": "how long each stage took, as a page",
    "run-times.csv": "the same as a table",
}

COLUMNS = {
    "image_id": "name of the image: its file without folder and extension",
    "file": "where it was read; null for images that come from no file",
    "sha256": "of the bytes of the file, or of the pixels where there is none",
    "group": "the patient",
    "label": "used, not_used, unknown, held_out or generated",
    "split": "the half, calibration or evaluation, or null; of a trial, the number of its split",
    "dataset": "name in the configuration",
    "variant": "name in the configuration",
    "encoder": "name in the configuration",
    "similarity": "name in the configuration; in files of pairs the value, larger = more alike",
    "real_id": "the real image of a pair",
    "generated_id": "the generated image of a pair",
    "other_id": "the second image of a pair of one kind",
    "source": "generated (the method), or real-only (the control: other real images in place of the generated ones)",
    "rule": "score rule",
    "threshold_rule": "threshold rule",
    "score": "larger = more likely used; null where the rule has none",
    "threshold": "an image with at least this score is called used; null where the rule finds none",
    "reason": "why there is no threshold, or no limit",
    "decision": "1 used, 0 not used, null undecided",
    "nearest": "the generated image most similar to it",
    "nearest_similarity": "and how similar",
    "subset": "which pairs: Generated-Used, say",
    "pairs": "how many there are",
    "mean": "of their similarities",
    "minimum": "of their similarities",
    "maximum": "of their similarities",
    "n": "images judged",
    "n_used": "used ones among them",
    "n_not_used": "not used ones",
    "n_undecided": "images without a decision",
    "true_positive": "used, and called used",
    "false_positive": "not used, but called used",
    "false_negative": "used, but called not used",
    "true_negative": "not used, and called not used",
    "auc_gain": "AUC minus the AUC of the real-only control",
    "groups_used": "patients with used images",
    "groups_not_used": "patients with not used images",
    "resampled": "what intervals and tests go by: patients or images",
    "metric": "auc or kappa",
    "chosen_on": "the half that the combination is the best on",
    "calibration": "the metric on the calibration half",
    "value": "the metric on the evaluation half",
    "low": "lower bound of the 95 % interval",
    "high": "upper bound",
    "p": "one-sided permutation p",
    "p_corrected": "the same, for all combinations tried (max-T)",
    "p_perfect": "the p that the truth itself would have; where it is not small, there are too few patients",
    "ladder": "name in the configuration",
    "level": "of the option that the ladder varies; null for the generator that leaks nothing",
    "trials": "how many splits were tried",
    "found": "how many of them have a p below the rate of false alarms",
    "power": "found / trials",
    "splits": "how many splits the limit comes from",
    "limit": "the level of the faintest leak found with the power asked for; null where the ladder does not bracket it",
    "midpoint": "where the fitted curve is half-way up, in units of the strength (the level or its logarithm)",
    "slope": "of the fitted logistic curve, per unit of the strength",
}
_SUFFIXES = {
    "_low": "lower bound of the 95 % interval of {}",
    "_high": "upper bound of the 95 % interval of {}",
    "_p": "one-sided permutation p of {}",
    "_p_corrected": "the same for {}, for all combinations tried (max-T)",
}


def columns(path: str | Path) -> Columns:
    """What a file declares about itself: the columns of Parquet and csv, the axes of an array; else nothing."""
    path = Path(path)
    match path.suffix:
        case ".parquet":
            return [(field.name, _plain(str(field.type))) for field in pq.read_schema(path)]
        case ".npy":
            array = np.load(path, mmap_mode="r", allow_pickle=False)
            axes = {2: "(N, D)", 3: "(N, H, W)"}[array.ndim]
            return [("", f"{array.dtype} {axes}")]
        case ".csv":
            with path.open(encoding="utf-8", newline="") as file:
                return [(name, "") for name in next(csv.reader(file))]
    return []


def page(found: Mapping[str, Columns]) -> str:
    """The page, from the columns of files by their paths below the results of a benchmark.

    Raises:
        ValueError: Files and columns that `FILES` and `COLUMNS` do not describe.
    """
    of_kind: dict[str, dict[str, Columns]] = {kind: {} for kind in FILES}
    problems = []
    for path, own in found.items():
        kinds = [kind for kind in FILES if re.fullmatch(_pattern(kind), path)]
        of_kind.get(kinds[0] if kinds else "", {})[path] = own
        if not kinds:
            problems.append(f"{path}: describe it in FILES")
    parts = [_part(kind, FILES[kind], files, problems) for kind, files in of_kind.items()]
    if problems:
        raise ValueError("\n".join(dict.fromkeys(problems)))
    return "\n\n".join([_HEAD, *parts]) + "\n"


_HEAD = """# Files of a benchmark

Everything below is in `results/<benchmark>/`. Arrays are npy files, tables are Parquet (zstd), and every Parquet file
has its parameters, code version, seed and library versions in its metadata (`genprint.files.read_origin`). The same
configuration gives the same bytes in every table. A null is a value that is not defined, never a zero.

This page is written by `python scripts/document_artifacts.py results/embedded`; a test holds it to the code."""


def _part(kind: str, description: str, files: Mapping[str, Columns], problems: list[str]) -> str:
    heading = f"## `{kind}`\n\n{description[0].upper()}{description[1:]}."
    if kind.endswith(".parquet") and "<table>" in kind:
        return f"{heading} Columns are those of the csv file."
    if kind.endswith(".csv") and "<table>" in kind:
        heads = [
            f"| `{Path(path).stem}` | {', '.join(name for name, _ in own)} |" for path, own in sorted(files.items())
        ]
        return "\n".join([heading, "", "| table | columns |", "|---|---|", *heads])
    known = list(dict.fromkeys(column for own in files.values() for column in own))
    if not known:
        return heading
    if [name for name, _ in known] == [""] * len(known):
        return heading + "".join(f" {kind_of.replace('(', '`(').replace(')', ')`')}." for _, kind_of in known)
    if kind.endswith(".csv"):
        return f"{heading} Columns: {', '.join(name for name, _ in known)}."
    rows = [f"| `{name}` | {type_} | {_meaning(name, kind, problems)} |" for name, type_ in known]
    return "\n".join([heading, "", "| column | type | |", "|---|---|---|", *rows])


def _meaning(name: str, kind: str, problems: list[str]) -> str:
    if name in COLUMNS:
        return COLUMNS[name]
    if name in METRICS:
        return f"{METRICS[name].formula}, {METRICS[name].low} to {METRICS[name].high}"
    for suffix, text in sorted(_SUFFIXES.items(), key=lambda item: -len(item[0])):
        if name.endswith(suffix):
            return text.format(f"`{name.removesuffix(suffix)}`")
    problems.append(f"{kind}: describe the column {name} in COLUMNS")
    return ""


def _pattern(kind: str) -> str:
    return re.sub(r"<[a-z]+>", r"[^/]+", re.escape(kind).replace(r"\<", "<").replace(r"\>", ">"))


def _plain(type_: str) -> str:
    return {"string": "text", "double": "float64", "float": "float32"}.get(
        type_, type_.replace("dictionary<values=string, indices=int32, ordered=0>", "text")
    )


def documented(root: Path) -> str:
    """The page about all files below the results of a benchmark; hidden ones are the workflow's own."""
    paths = (path.relative_to(root) for path in sorted(root.rglob("*")) if path.is_file())
    shown = (path for path in paths if not any(part.startswith(".") for part in path.parts))
    return page({path.as_posix(): columns(root / path) for path in shown})
