"""Memory and time that jobs ask for: measured, then rounded up, and twice as much with every attempt.

Most jobs need what follows from the size of their input files (`growing`). Eight do not, because they hold pairs, or a
network, or trials that no file shows: `Needs` has a model of each. The figures behind these come from the benchmark
files of Snakemake (`benchmarks/`; docs/cluster.md says how they were taken).
"""

import math
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from genprint.plan.runs import Wildcards
from genprint.plan.workflow import Workflow

MB = 1_000_000
SNAKEMAKE_MB = 400  # two Snakemake processes stand around every job on a cluster
START_MINUTES = 10  # Python, compiling kernels, a file system that has other things to do
# What is asked for is several times what a small job holds, so a machine may do with less than its jobs ask for.
HOPELESS = 10  # times the memory of the machine
UNKNOWN_SIDE = 256  # pixels, where the configuration leaves it to the files: the third attempt has room for 512

# A real image of the search for copies has five float32 planes, and a generated one two.
SEARCHED_IMAGE = 64 * 64 * 5 * 4
SPIKES_TOGETHER, SPIKES_OF_AN_IMAGE = 1024, 33  # genprint.copies.recovery and images.perturbations, which import numpy

# Megabytes of a job's own process with its libraries loaded and no data.
LIBRARIES_MB = {
    "copies": 300,
    "spikes": 300,
    "judgement": 300,
    "train": 500,
    "similarity": 250,
    "shortlist": 250,
    "evaluation": 120,
    "trials": 800,
}


def growing(least: int, per_mb: float) -> Callable[..., int]:
    """Return a resource that grows with every megabyte of a job's input files."""
    return lambda wildcards, input, attempt: math.ceil(least + per_mb * input.size_mb) << (attempt - 1)


class Size(NamedTuple):
    """What the needs of a job depend on."""

    real: int
    generated: int
    pixels: int
    """Pixels of one image."""
    runs: int = 1
    """Methods times splits that a job tries."""
    trainings: int = 0
    """Encoders that a job trains one after the other, where it trains any number of them."""
    steps: int = 0
    """Steps that a job trains generators for, one after the other."""
    releases: int = 0
    """Releases that a job searches for copies, one after the other; ``block`` is then the larger side of one."""
    shown: int = 0
    """Images that the steps of an encoder's training look at, one after the other."""
    resized: int = 0
    """Pixels of one image inside an encoder."""
    weights: int = 0
    """Megabytes of an encoder's weights with their gradients and what else training keeps of them."""
    activations: int = 0
    """Bytes of a training step for each pixel of one image inside an encoder."""
    block: int = 1024
    top: int | None = None
    """How many pairs of each image are listed or kept; None for all."""
    spikes: int = 0
    """Real images that are perturbed."""
    threads: int = 1


def megabytes(stage: str, size: Size) -> int:
    """Return the memory of one job of a stage, its Snakemake processes included."""
    images = size.real + size.generated
    side = min(size.block, max(size.real, size.generated))
    network = size.weights * MB + size.activations * size.resized
    # Prepared images of each thread, and the block's own as float32.
    prepared = size.threads * 2**27 + 2 * side * 4 * size.pixels
    searched = 2 * SEARCHED_IMAGE
    data = {
        "copies": searched * 2 * side + 60 * side**2,
        "spikes": searched * (size.real + SPIKES_TOGETHER) + 60 * size.real * SPIKES_TOGETHER,
        # Patients who are not known are searched for once more, a block at a time.
        "judgement": searched * 2 * min(size.block, size.real)
        + 60 * min(size.block, size.real) ** 2
        + 2 * images * size.pixels
        + 400 * (size.top or 0) * images,
        # The images are there twice.
        "train": network + 2 * images * size.pixels,
        # 60 bytes for a pair on its way to the file; a shortlist also has what it is made from.
        "similarity": prepared + 60 * side**2,
        "shortlist": prepared + 70 * side**2,
        "evaluation": _evidence(size),
        # The images of all levels of a ladder with their features, and the distances of one method.
        "trials": network + 8 * images * size.pixels + 3 * 8 * size.real * images,
    }[stage]
    return SNAKEMAKE_MB + LIBRARIES_MB[stage] + -(-data // MB)


def minutes(stage: str, size: Size) -> int:
    """Return the time of one job of a stage on one CPU core per thread, at three times what was measured."""
    images, pairs = size.real + size.generated, min(size.block, max(size.real, size.generated)) ** 2
    listed = min(pairs, 2 * (size.top or size.block) * pairs**0.5)
    # ResNet-50 takes 13 seconds to train on a million pixels, and 5 to encode them.
    training = (13 * size.shown + 5 * images) * size.resized / 1e6
    aligned = 0.003 * (size.top or 0)
    searching = 6e-5 * pairs + aligned * 2 * min(size.block, max(size.real, size.generated))
    spikes = SPIKES_OF_AN_IMAGE * size.spikes * (6e-5 * size.real + aligned)
    seconds = {
        "copies": 3 * searching / size.threads,
        "spikes": spikes / size.threads,
        "judgement": (6e-5 * size.real**2 / 2 + aligned * size.real) / size.threads + images / 1000,
        "train": training,
        "similarity": pairs * size.pixels / 5e8 / size.threads,
        # A listed pair costs nine times one of all pairs.
        "shortlist": 9 * listed * size.pixels / 5e8 / size.threads,
        "evaluation": size.real * images / 1e6,
        # Per method and split: permutations, pairs, and what is trained. A step of the diffusion model takes 0.13 s.
        "trials": size.runs * images * (1 / 75 + size.real * size.pixels / 5e8)
        + size.trainings * training
        + 0.13 * size.steps
        + size.releases * searching,
    }[stage]
    return START_MINUTES + -(-int(3 * seconds) // 60)


@dataclass(frozen=True)
class Needs:
    """The same for the jobs of a workflow."""

    workflow: Workflow

    def memory(self, stage: str) -> Callable[..., int]:
        """Return what a job of a stage asks for in MB."""
        return lambda wildcards, threads, attempt: megabytes(stage, self.size(wildcards, threads)) << (attempt - 1)

    def minutes(self, stage: str) -> Callable[..., int]:
        """Return what a job of a stage asks for in minutes."""
        return lambda wildcards, threads, attempt: minutes(stage, self.size(wildcards, threads)) << (attempt - 1)

    def size(self, wildcards: Wildcards, threads: int) -> Size:
        """Return what the needs of a job depend on: one with trials has a ladder or a generator in its path."""
        settings, ladder = self.workflow.settings, getattr(wildcards, "ladder", None)
        counts = self.workflow.counts(settings["limits"]["dataset"] if ladder else wildcards.dataset)
        size = Size(
            **counts,
            pixels=(settings["images"]["size"] or UNKNOWN_SIDE) ** 2,
            block=settings["pairs"]["block"],
            threads=threads,
        )
        if ladder:
            first, last = map(int, wildcards.splits.split("-"))
            limits = settings["limits"]
            size = size._replace(top=settings["copies"]["nearest"] if limits["copies"] else None)
            return self._trials(size, limits["dataset"], limits["ladders"][ladder], 1, last - first + 1)
        if hasattr(wildcards, "generator"):
            size = size._replace(top=settings["copies"]["nearest"])
            return self._trials(
                size, wildcards.dataset, settings["memorisation"]["generators"][wildcards.generator], 0, 1
            )
        if hasattr(wildcards, "similarity"):
            return size._replace(top=self.workflow.nearest(wildcards))
        if hasattr(wildcards, "encoder"):
            return size._replace(**self._network(wildcards.encoder, size.pixels))
        return size._replace(top=settings["copies"]["nearest"], spikes=settings["copies"]["spikes"])

    def _network(self, encoder: str, pixels: int) -> dict[str, int]:
        """Return what training an encoder takes beside its images, as its file declares it."""
        entry, memory = (
            self.workflow.settings["encoders"][encoder],
            self.workflow.facts("encoders", encoder).get("MEMORY", {}),
        )
        return {
            "weights": memory.get("weights", 0),
            "activations": memory.get("activations", 0) * entry.get("batch", 1),
            "shown": 3 * entry.get("batch", 1) * entry.get("steps", 0),
            "resized": min(pixels, (entry.get("resize") or pixels) ** 2),
        }

    def _trials(self, size: Size, dataset: str, ladder: Mapping, controls: int, splits: int) -> Size:
        """Return the size of a job with all methods on some splits: images of all levels, and the largest network."""
        levels = len(ladder["levels"]) + controls
        steps = [*ladder["levels"], *ladder["levels"][-1:] * controls]
        if ladder["vary"] != "steps":
            steps = [ladder["generator"].get("steps", 0)] * levels
        methods = self.workflow.examined(dataset)
        trained = {tuple(way) for *way, _ in methods if self.workflow.facts("encoders", way[1])["TRAINED"]}
        networks = [self._network(encoder, size.pixels) for _, encoder in trained]
        return size._replace(
            **{name: max(network[name] for network in networks) for name in networks[0]} if networks else {},
            generated=levels * size.generated,
            block=max(size.real, size.generated),
            runs=splits * len(methods),
            trainings=splits * levels * len(trained),
            steps=splits * int(sum(steps)),
            releases=splits * levels if size.top else 0,
        )


def check_memory(asked: Mapping[str, int], machine: int | None = None) -> None:
    """Raise a ValueError if a job asks for more than `HOPELESS` times the memory of this machine.

    Args:
        asked: megabytes, by the name of the rule.
        machine: megabytes that there are; None looks.
    """
    if machine is None:
        machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // MB
    hopeless = [
        f"a job of {name} needs {need / 1000:,.0f} GB" for name, need in asked.items() if need > HOPELESS * machine
    ]
    if hopeless:
        raise ValueError(
            f"This machine has {machine / 1000:,.0f} GB of memory, and {'; '.join(hopeless)}: write a smaller "
            "`pairs.block` or `images.size`, give a similarity a `shortlist`, or start snakemake on a cluster."
        )


def _evidence(size: Size) -> int:
    """Return what scoring one run holds at most: float32 distances with copies, or the nearest with their places."""
    columns = size.real + size.generated
    if size.top is not None:
        return 6 * 8 * size.real * min(columns, 4 * size.top) + 300 * MB
    return 3 * 4 * size.real * columns
