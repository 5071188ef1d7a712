"""The files of the search for copies, of every data set that has runs."""

from collections.abc import Mapping
from dataclasses import dataclass

from genprint.plan import runs
from genprint.plan.runs import GENERATED_GENERATED, REAL_GENERATED, REAL_REAL, SIDES, Wildcards
from genprint.plan.workflow import Workflow

PAIRINGS = (REAL_GENERATED, REAL_REAL, GENERATED_GENERATED)
"""What is searched: for copies, for what chance does, and for collapse."""
JUDGED = ("release", "exposed", "copies", "spikes", "nearest", "copied")
"""The tables of one data set (`genprint.copies.judgement.Judgement`)."""
MOST_BLOCKS = 100_000  # each is a job, and Snakemake plans some hundreds a second
TABLES = ("release", "exposed", "copies", "spikes")
"""Those that a benchmark has one of, with the rows of all data sets."""
CHARTS = ("copies", "spikes")
"""The figures without an image of anyone."""
GALLERY = "copied"
"""The figure with the copies and the real images that they are copies of."""


@dataclass(frozen=True)
class CopySearch:
    """Which files the search reads and writes."""

    workflow: Workflow

    def searched(self, wildcards: Wildcards) -> Mapping[str, str]:
        """Return the images of both sides of a data set, and their tables."""
        folder = f"<results>/{wildcards.dataset}/images"
        sides = ("real", "generated")
        return {side: f"{folder}/{side}.npy" for side in sides} | {
            f"{side}_table": f"{folder}/{side}.parquet" for side in sides
        }

    def blocks(self, dataset: str, pairing: str) -> list[str]:
        """Return the files with the candidates of one pairing of a data set."""
        left, right = (self.workflow.counts(dataset)[side] for side in SIDES[pairing])
        symmetric = len(set(SIDES[pairing])) == 1
        names = runs.blocks(left, right, self.workflow.settings["pairs"]["block"], symmetric=symmetric)
        return [f"<results>/{dataset}/copies/search/{pairing}/{name}.parquet" for name in names]

    def candidates(self, wildcards: Wildcards) -> Mapping[str, list[str]]:
        """Return the candidates of every pairing of a data set."""
        return {pairing.replace("-", "_"): self.blocks(wildcards.dataset, pairing) for pairing in PAIRINGS}

    def check_blocks(self) -> None:
        """Raise a ValueError for data sets with more blocks of pairs than can be planned."""
        size = self.workflow.settings["pairs"]["block"]
        problems = []
        for dataset in self.workflow.datasets:
            generated = self.workflow.counts(dataset)["generated"]
            side = -(-generated // size)
            if (blocks := side * (side + 1) // 2) > MOST_BLOCKS:
                problems.append(
                    f"datasets.{dataset}: {generated:,} generated images make {blocks:,} blocks of pairs, a job each; "
                    f"write a larger pairs.block than {size:,}, or publish fewer images"
                )
        if problems:
            raise ValueError("\n".join(problems))

    def judged(self, table: str) -> list[str]:
        """Return a table of every data set."""
        return self.workflow.dataset_files(f"copies/{table}.parquet")
