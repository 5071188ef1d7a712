"""From the configuration to its runs: which combinations are computed, and why some are not.

Only what parsing a workflow needs: nothing here imports a method, or numpy.
"""

from collections.abc import Mapping
from itertools import product
from typing import NamedTuple, Protocol

from genprint.plan.sources import declared, registered

REAL_GENERATED = "real-generated"
REAL_REAL = "real-real"
GENERATED_GENERATED = "generated-generated"
SIDES = {
    REAL_GENERATED: ("real", "generated"),
    REAL_REAL: ("real", "real"),
    GENERATED_GENERATED: ("generated", "generated"),
}
"""Left and right side of every pairing."""


class Wildcards(Protocol):
    """The names in the paths of a job, as Snakemake hands them to the functions of a rule."""

    def __getattr__(self, name: str) -> str:
        """Return one of them."""


class Run(NamedTuple):
    """One valid combination; score rules, threshold rules and splits are columns of its files."""

    dataset: str
    variant: str
    encoder: str
    similarity: str

    @classmethod
    def of(cls, wildcards: Wildcards) -> "Run":
        """Return the run that a job is of."""
        return cls(*(getattr(wildcards, name) for name in cls._fields))

    @property
    def path(self) -> str:
        """What its files are called within a folder of its data set; rules write ``<run>``."""
        return f"{self.variant}/{self.encoder}/{self.similarity}"


class Plan(NamedTuple):
    """What a configuration asks for."""

    runs: tuple[Run, ...]
    generated_generated: frozenset[Run]
    """Runs that also compare the generated images with each other."""
    dropped: tuple[str, ...]
    """One line for each pair of encoder and similarity that does not exist, with the reason."""


def plan(settings: dict) -> Plan:
    """Runs of a completed configuration, without repetition, in the order of its blocks.

    A run on a data set that is calibrated by another brings the same run on that other data set with it.
    """
    runs: dict[Run, bool] = {}
    dropped: dict[str, None] = {}
    for block in settings["runs"]:
        axes = [_selected(block, settings, axis) for axis in ("datasets", "variants", "encoders", "similarities")]
        for run in map(Run._make, product(*axes)):
            if reason := impossible(settings["encoders"][run.encoder], settings["similarities"][run.similarity]):
                dropped[f"{run.encoder} x {run.similarity}: {reason}"] = None
                continue
            calibrator = settings["datasets"][run.dataset]["calibrated_by"]
            for needed in [run] if calibrator is None else [run._replace(dataset=calibrator), run]:
                runs[needed] = runs.get(needed, False) or block["generated_generated"]
    return Plan(tuple(runs), frozenset(run for run, asked in runs.items() if asked), tuple(dropped))


def impossible(encoder: dict, similarity: dict) -> str | None:
    """Why a similarity cannot compare what an encoder yields, or None if it can."""
    yields = declared(registered("genprint.encoders")[encoder["method"]])["YIELDS"]
    accepts = declared(registered("genprint.similarity")[similarity["method"]])["ACCEPTS"]
    if yields in accepts:
        return None
    return f"{similarity['method']} compares {' or '.join(accepts)}s, {encoder['method']} yields {yields}s"


def draws_at_random(variant: dict) -> bool:
    """Return whether a configured variant is noise: its method declares `RANDOM`."""
    return declared(registered("genprint.variants")[variant["method"]])["RANDOM"]


def blocks(left: int, right: int, size: int, *, symmetric: bool) -> list[str]:
    """Names ``<i>-<j>`` of the blocks of ``size`` images a side that cover ``left`` x ``right`` pairs.

    A symmetric pairing has its upper triangle only.
    """
    rows, columns = range(-(-left // size)), range(-(-right // size))
    return [f"{i}-{j}" for i, j in product(rows, columns) if j >= i or not symmetric]


def pairs(left: int, right: int, *, symmetric: bool) -> int:
    """Number of pairs of a pairing; a symmetric one has every pair of two images once."""
    return left * (left - 1) // 2 if symmetric else left * right


def block_slices(block: str, size: int) -> tuple[slice, slice]:
    """Rows and columns of a block."""
    i, j = map(int, block.split("-"))
    return slice(i * size, (i + 1) * size), slice(j * size, (j + 1) * size)


def _selected(block: dict, settings: dict, axis: str) -> list[str]:
    return list(settings[axis]) if block[axis] == "all" else block[axis]


def method_options(entry: Mapping) -> dict:
    """Options of a configured method: the entry without the name of its method and what is not the method's own."""
    return {key: value for key, value in entry.items() if key not in ("method", "shortlist")}
