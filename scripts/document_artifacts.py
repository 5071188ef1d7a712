"""Write docs/artifacts.md, which says what every file of a benchmark holds: python scripts/document_artifacts.py"""

from pathlib import Path

import pyarrow as pa

from genprint.columns import description
from genprint.copies.judgement import SCHEMAS
from genprint.copies.recovery import SPIKE_PAIRS
from genprint.copies.search import CANDIDATES
from genprint.files import write_text
from genprint.images.datasets import GREY_LEVELS, IMAGES, PHANTOM
from genprint.inference.blind import BLIND
from genprint.inference.fidelity import FIDELITY
from genprint.inference.selection import SELECTION
from genprint.inference.sets import SETS
from genprint.inference.significance import SIGNIFICANCE
from genprint.limits import memorisation
from genprint.limits.curves import LIMITS, POWER
from genprint.limits.ladders import TRIALS
from genprint.limits.releases import RELEASES, WITHHELD
from genprint.pairs.shards import PAIRS
from genprint.pairs.statistics import STATISTICS
from genprint.plan.copies import PAIRINGS
from genprint.report.decisions import DECISIONS
from genprint.scoring.evaluation import MEASURED, SCORES, THRESHOLDS
from genprint.scoring.evidence import NEAREST
from genprint.tables.run_files import RUN_FILES

PAGE = Path(__file__).resolve().parents[1] / "docs/artifacts.md"
HEAD = """# Files of a benchmark

Everything below is in `results/<benchmark>/`. Arrays are npy files, tables are Parquet (zstd), and every Parquet file
has its parameters, code version, seed and library versions in its metadata (`genprint.files.read_origin`), and in those
of its columns what they mean. The same configuration gives the same bytes in every table. A null is a value that is not
defined, never a zero.

This page is written by `python scripts/document_artifacts.py`; a test compares it with the code."""

_RUN = "<variant>/<encoder>/<similarity>"

FILES: dict[str, str | pa.Schema] = {
    "phantom/real.npy": "the simulated CT slices that controlled data sets start from, uint8 `(N, H, W)`",
    "phantom/real.parquet": PHANTOM,
    "<dataset>/images/real.npy": "the real images as they were read and resized, uint8 `(N, H, W)`",
    "<dataset>/images/real.parquet": IMAGES,
    "<dataset>/images/generated.npy": "the generated images, uint8 `(N, H, W)`",
    "<dataset>/images/generated.parquet": IMAGES,
    "<dataset>/images/grey_levels.parquet": GREY_LEVELS,
    "<dataset>/images/skipped.csv": "files that could not be read and were left out: dataset, file, reason",
    "<dataset>/variants/<variant>/real.npy": "the real images with noise or enhanced; `original` has no copy",
    "<dataset>/variants/<variant>/generated.npy": "the generated images, treated alike",
    "<dataset>/features/<variant>/<encoder>/weights.safetensors": "what trained encoders have learnt, "
    "one for each part that is judged",
    "<dataset>/features/<variant>/<encoder>/calibration.npz": "data range and binarisation thresholds of its features",
    "<dataset>/features/<variant>/<encoder>/real.npy": "features of the real images, "
    "float32 `(parts, N, D)`: by the encoder of each part that is judged",
    "<dataset>/features/<variant>/<encoder>/generated.npy": "features of the generated images, likewise",
    **{f"<dataset>/similarity/{_RUN}/{pairing}/<block>.parquet": table for pairing, table in PAIRS.items()},
    **{f"<dataset>/copies/search/{pairing}/<block>.parquet": CANDIDATES for pairing in PAIRINGS},
    "<dataset>/copies/search/spikes.parquet": SPIKE_PAIRS,
    **{f"<dataset>/copies/{name}.parquet": table for name, table in SCHEMAS.items()},
    f"<dataset>/scores/{_RUN}.parquet": SCORES,
    f"<dataset>/thresholds/{_RUN}.parquet": THRESHOLDS,
    f"<dataset>/metrics/{_RUN}.parquet": MEASURED,
    f"<dataset>/nearest/{_RUN}.parquet": NEAREST,
    f"<dataset>/sets/{_RUN}.parquet": SETS,
    f"<dataset>/statistics/{_RUN}.parquet": STATISTICS,
    "<dataset>/blind.parquet": BLIND,
    "<dataset>/fidelity.parquet": FIDELITY,
    "<dataset>/significance.parquet": SIGNIFICANCE,
    "<dataset>/selection.parquet": SELECTION,
    "<dataset>/decisions.parquet": DECISIONS,
    "<dataset>/run_files.parquet": RUN_FILES,
    "submissions/<dataset>/<run>.csv": "a run file: a decision for each image of unknown label; a run that leaves any "
    "undecided has none",
    "submissions/<dataset>.zip": "the run files of a data set",
    "limits/<ladder>/<splits>/trials.parquet": TRIALS,
    "limits/<ladder>/<splits>/releases.parquet": RELEASES,
    "limits/<ladder>/<splits>/samples.npz": "some used images of the first split, and generated ones of every level; "
    "these are patients' images where yours are, keep them in the building",
    "limits/<ladder>/<splits>/samples.png": "the same, drawn where `report.galleries` allows it",
    "limits/power.parquet": POWER,
    "limits/limits.parquet": LIMITS,
    "limits/withheld.parquet": WITHHELD,
    "memorisation/<dataset>/<generator>/<patients>/<number>/trials.parquet": memorisation.TRIALS,
    "memorisation/<dataset>/<generator>/<patients>/<number>/releases.parquet": memorisation.RELEASES,
    "memorisation/<dataset>/<generator>/<patients>/<number>/samples.npz": "as of limits: some of the images that the "
    "generator was trained on, and some that it made",
    "memorisation/<dataset>/<generator>/<patients>/<number>/samples.png": "the same, drawn where `report.galleries` "
    "allows it",
    "memorisation/memorisation.parquet": memorisation.MEMORISATION,
    "memorisation/methods.parquet": memorisation.METHODS,
    "tables/<table>.parquet": "a table whole, from which the report and the figures are made: the columns of the csv, "
    "with exact numbers; its title, the columns that identify a row, its notes and its digits are in the metadata",
    "tables/<table>.csv": "a table for programs, numbers to six decimals; the first line names the columns",
    "tables/<table>.md": "the same for people; of the ablation, the rows by the score and threshold rule of the tables",
    "tables/<table>.tex": "the same for LaTeX",
    "figures/<figure>.png": "a figure",
    "figures/<figure>.svg": "the same, to be scaled",
    "verdict.json": "the verdicts for programs; docs/verdict.schema.json describes it",
    "pseudonyms.csv": "which pseudonym stands for which id, where `report.pseudonyms` is true; keep it in the building",
    ".contents.json": "the hash of every input file beside its size, dates and inode, so that unchanged files are not "
    "read again; it names your files, keep it in the building",
    "report.html": "everything on one page that needs no other file",
    "run.json": "the latest run: command, configuration, commit, versions, machine, start, end, cost of the stages",
    "run-times.html": "how long each stage took, as a page",
    "run-times.csv": "the same as a table",
}
"""Every file below the results of a benchmark: the schema of a Parquet table, and of anything else what it is."""


def page() -> str:
    """Return the text of docs/artifacts.md."""
    return "\n\n".join([HEAD, *(_section(path, content) for path, content in FILES.items())]) + "\n"


def _section(path: str, content: str | pa.Schema) -> str:
    told = content if isinstance(content, str) else description(content)
    lines = [f"## `{path}`", "", f"{told[0].upper()}{told[1:]}."]
    if isinstance(content, pa.Schema):
        lines += ["", "| column | type | |", "|---|---|---|"]
        lines += [f"| `{field.name}` | {_type(field.type)} | {description(field)} |" for field in content]
    return "\n".join(lines)


def _type(kind: pa.DataType) -> str:
    names = {"string": "text", "double": "float64", "float": "float32"}
    return names.get(str(kind.value_type if pa.types.is_dictionary(kind) else kind), str(kind))


if __name__ == "__main__":
    write_text(PAGE, page())
