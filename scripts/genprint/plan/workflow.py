"""The files of every job, from the completed configuration.

The rules ask `Workflow` for all that depends on the configuration; nothing here knows Snakemake, or imports numpy.
Methods that take ``wildcards`` are input functions of rules: Snakemake calls them with the names in a job's path. Paths
begin with ``<results>``, in whose place Snakemake puts the folder of the benchmark.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from genprint.images.folder import Fault, ImageError, list_files, no_files, refuse_names
from genprint.plan import protocol, runs
from genprint.plan.configuration import METHOD_SECTIONS
from genprint.plan.runs import GENERATED_GENERATED, REAL_GENERATED, REAL_REAL, SIDES, Plan, Run, Wildcards
from genprint.plan.sources import declared, registered

Settings = dict[str, Any]
Files = Mapping[str, str | list[str]]
"""Files by the names that a script knows them by."""


@dataclass(frozen=True)
class Workflow:
    """What a benchmark computes, and from which files."""

    settings: Settings
    """The completed configuration."""
    plan: Plan
    """Its runs."""
    image_files: dict[str, dict[str, list[str]]]
    """The image files of every data set by role, in natural order; the phantom has none."""
    no_files: dict[str, list[Fault]]
    """What its patterns match beside them that is no file, such as broken links."""

    @classmethod
    def of(cls, settings: Settings) -> "Workflow":
        """Return the workflow of a completed configuration, with the image files that are there now.

        Raises ImageError with every image file whose path Snakemake cannot handle and, unless bad images are skipped,
        with what is no file.
        """
        files = {name: list_files(_patterns(dataset)) for name, dataset in settings["datasets"].items()}
        refuse_names({f"{name}.{role}": paths for name, roles in files.items() for role, paths in roles.items()})
        strangers = {name: no_files(_patterns(dataset)) for name, dataset in settings["datasets"].items()}
        if settings["images"]["on_bad_image"] == "error" and any(strangers.values()):
            raise ImageError(
                [fault for faults in strangers.values() for fault in faults],
                "Remove them, or write `images.on_bad_image: skip` to go on without them.",
            )
        return cls(settings, runs.plan(settings), files, strangers)

    @property
    def runs(self) -> tuple[Run, ...]:
        """The runs, in the order of the configuration."""
        return self.plan.runs

    @property
    def datasets(self) -> list[str]:
        """The data sets that have runs."""
        return list(dict.fromkeys(run.dataset for run in self.runs))

    def runs_on(self, dataset: str) -> list[Run]:
        """Return the runs on one data set."""
        return [run for run in self.runs if run.dataset == dataset]

    # Data sets and methods.

    def method(self, section: str, slug: str) -> str:
        """Return the module of the method behind a configured name; for a data set, that of its generator."""
        entry = self.settings[section][slug]
        return registered(METHOD_SECTIONS.get(section, "genprint.generators"))[entry.get("generator", entry)["method"]]

    def methods(self, section: str) -> list[str]:
        """Return the modules of the methods behind all names of a section."""
        return [self.method(section, slug) for slug in self.settings[section]]

    def encoders_in_use(self) -> dict[str, str]:
        """Return the module of the encoder of every run, by its place in the configuration."""
        encoders = dict.fromkeys(run.encoder for run in self.runs)
        return {f"encoders.{encoder}": self.method("encoders", encoder) for encoder in encoders}

    def facts(self, section: str, slug: str) -> dict[str, Any]:
        """Return what the file of that method declares."""
        return declared(self.method(section, slug))

    def calibrator(self, dataset: str) -> str:
        """Return the data set whose encoders and thresholds judge this one."""
        return self.settings["datasets"][dataset]["calibrated_by"] or dataset

    def counts(self, dataset: str) -> dict[str, int]:
        """Return the number of real and of generated images, before any is skipped."""
        settings, files = self.settings["datasets"][dataset], self.image_files[dataset]
        real = sum(len(paths) for role, paths in files.items() if role != "generated")
        if settings["source"] == "folder":
            return {"real": real, "generated": len(files["generated"])}
        if settings["real"] == "phantom":
            first, last = settings["patients"] or (1, self.settings["phantom"]["patients"])
            real = (last - first + 1) * self.settings["phantom"]["slices"]
        return {"real": real, "generated": settings["samples"]}

    def dataset_pattern(self, **properties: object) -> str:
        """Return a pattern of the names of the data sets with these properties.

        They are ``source``, ``calibrated_elsewhere``, and ``one_block``: all images fit into one block.
        """
        return _pattern(
            name
            for name, dataset in self.settings["datasets"].items()
            if properties.items()
            <= {
                "source": dataset["source"],
                "calibrated_elsewhere": self.calibrator(name) != name,
                "one_block": max(self.counts(name).values()) <= self.settings["pairs"]["block"],
            }.items()
        )

    def similarity_pattern(self, *, shortlist: bool) -> str:
        """Return a pattern of the names of the similarities that compare the pairs of a shortlist, or all pairs."""
        entries = self.settings["similarities"].items()
        return _pattern(name for name, entry in entries if ("shortlist" in entry) == shortlist)

    def split_into(self, wildcards: Wildcards) -> tuple[str, ...]:
        """Return the parts that the labelled images of a data set are split into."""
        return self.parts(wildcards.dataset)

    def parts(self, dataset: str) -> tuple[str, ...]:
        """Return the same of a data set by its name."""
        return protocol.split_into(self.settings, dataset)

    # Images and features.

    def source_files(self, dataset: str) -> Files:
        """Return what a data set's real images, and generated ones if they are given, are read from."""
        settings = self.settings["datasets"][dataset]
        if settings.get("real") == "phantom":
            return {"images": "<results>/phantom/real.npy", "table": "<results>/phantom/real.parquet"}
        annotations = [settings[kind]["file"] for kind in ("labels", "groups") if settings.get(kind)]
        return {**self.image_files[dataset], "annotations": annotations}

    def input_files(self, dataset: str) -> list[str]:
        """Return the input files among these, images and csv: those that no rule makes."""
        if self.settings["datasets"][dataset].get("real") == "phantom":
            return []
        return [file for files in self.source_files(dataset).values() for file in files]

    def pretrained(self, wildcards: Wildcards) -> list[str]:
        """Return the file of weights that an encoder begins with, if there is one."""
        file = self.settings["encoders"][wildcards.encoder].get("pretrained")
        return [file] if file else []

    def variant_images(self, dataset: str, variant: str, side: str) -> str:
        """Return the array with the images of a variant; there is no copy of the original images."""
        if self.settings["variants"][variant]["method"] == "original":
            return f"<results>/{dataset}/images/{side}.npy"
        return f"<results>/{dataset}/variants/{variant}/{side}.npy"

    def encoded(self, wildcards: Wildcards) -> Files:
        """Return the images that an encoder is trained on, or encodes."""
        dataset, variant = wildcards.dataset, wildcards.variant
        return {side: self.variant_images(dataset, variant, side) for side in ("real", "generated")}

    def weights(self, wildcards: Wildcards) -> str:
        """Return the weights of an encoder, trained on the data set that calibrates this one."""
        folder = f"<results>/{self.calibrator(wildcards.dataset)}/features"
        return f"{folder}/{wildcards.variant}/{wildcards.encoder}/weights.safetensors"

    def constants(self, wildcards: Wildcards) -> str | list[str]:
        """Return the constants that features are compared with; images need none."""
        if self.facts("encoders", wildcards.encoder)["YIELDS"] == "image":
            return []
        return self.weights(wildcards).replace("weights.safetensors", "calibration.npz")

    def features(self) -> list[str]:
        """Return what all runs compare, and what the shortlists of any are made from."""
        compared = dict.fromkeys([*self.runs, *map(self.of_all_pairs, self.runs)])
        return [self._array(run, side) for run in compared for side in ("real", "generated")]

    def _array(self, run: Run, side: str) -> str:
        if self.facts("encoders", run.encoder)["YIELDS"] == "vector":
            return f"<results>/{run.dataset}/features/{run.variant}/{run.encoder}/{side}.npy"
        return self.variant_images(run.dataset, run.variant, side)

    # Pairs.

    def compared(self, wildcards: Wildcards) -> Files:
        """Return the arrays that a job compares, and their tables: of its pairing, or of both sides."""
        run, sides = Run.of(wildcards), SIDES[getattr(wildcards, "pairing", REAL_GENERATED)]
        tables = {f"{side}_table": f"<results>/{run.dataset}/images/{side}.parquet" for side in sides}
        return {side: self._array(run, side) for side in sides} | tables

    def pairings(self, run: Run) -> list[str]:
        """Return the pairings that a run computes."""
        return [*SCORED, *[GENERATED_GENERATED] * (run in self.plan.generated_generated)]

    def blocks(self, run: Run, pairing: str) -> list[str]:
        """Return the files with the similarities of one pairing of a run."""
        left, right = (self.counts(run.dataset)[side] for side in SIDES[pairing])
        symmetric = len(set(SIDES[pairing])) == 1
        names = runs.blocks(left, right, self.settings["pairs"]["block"], symmetric=symmetric)
        return [f"<results>/{run.dataset}/similarity/{run.path}/{pairing}/{name}.parquet" for name in names]

    def all_blocks(self) -> list[str]:
        """Return every block of every pairing of every run."""
        return [file for run in self.runs for pairing in self.pairings(run) for file in self.blocks(run, pairing)]

    def pairs(self) -> int:
        """Return how many pairs of images all runs compare; a shortlist counts as the run that it is made from."""
        total = 0
        for run in dict.fromkeys(map(self.of_all_pairs, self.runs)):
            for pairing in self.pairings(run):
                left, right = (self.counts(run.dataset)[side] for side in SIDES[pairing])
                total += runs.pairs(left, right, symmetric=len(set(SIDES[pairing])) == 1)
        return total

    def of_all_pairs(self, run: Run) -> Run:
        """Return the run that compares all pairs for this one: itself, or the one that makes its shortlist."""
        maker = self.settings["similarities"][run.similarity].get("shortlist", run._asdict())
        return run._replace(encoder=maker["encoder"], similarity=maker["similarity"])

    def shortlist(self, wildcards: Wildcards) -> str:
        """Return the same block of the run that makes the shortlist."""
        run = self.of_all_pairs(Run.of(wildcards))
        return f"<results>/{run.dataset}/similarity/{run.path}/{wildcards.pairing}/{wildcards.block}.parquet"

    def learnt(self, wildcards: Wildcards) -> bool:
        """Return whether an encoder that was trained decides what a run compares."""
        run = Run.of(wildcards)
        encoders = {run.encoder, self.of_all_pairs(run).encoder}
        return any(self.facts("encoders", encoder)["YIELDS"] == "vector" for encoder in encoders)

    def nearest(self, wildcards: Wildcards) -> int | None:
        """Return how many of its most similar pairs (or of those listed) an image is sure to have; None for all."""
        shortlist = self.settings["similarities"][wildcards.similarity].get("shortlist")
        return shortlist["nearest"] if shortlist else self.settings["pairs"]["top"]

    # Evaluation and inference.

    def files(self, stage: str, of: Iterable[Run] | None = None) -> list[str]:
        """Return the file that a stage writes for each of some runs, or of all."""
        return [f"<results>/{run.dataset}/{stage}/{run.path}.parquet" for run in (self.runs if of is None else of)]

    def dataset_files(self, name: str, of: Iterable[str] | None = None) -> list[str]:
        """Return the file of this name of each of some data sets, or of all that have runs."""
        return [f"<results>/{dataset}/{name}" for dataset in (self.datasets if of is None else of)]

    def evidence(self, wildcards: Wildcards) -> Files:
        """Return the similarities that a run is scored by."""
        return self._pairs(Run.of(wildcards), SCORED)

    def all_pairings(self, wildcards: Wildcards) -> Files:
        """Return all similarities of a run."""
        return self._pairs(Run.of(wildcards), self.pairings(Run.of(wildcards)))

    def _pairs(self, run: Run, pairings: Iterable[str]) -> Files:
        return {pairing.replace("-", "_"): self.blocks(run, pairing) for pairing in pairings}

    def thresholds(self, wildcards: Wildcards) -> str | list[str]:
        """Return the thresholds of the same run on the data set that calibrates this one, if that is another."""
        run, calibrator = Run.of(wildcards), self.calibrator(wildcards.dataset)
        return [] if calibrator == run.dataset else f"<results>/{calibrator}/thresholds/{run.path}.parquet"

    def evaluated(self, wildcards: Wildcards) -> Files:
        """Return scores and thresholds of all runs of a data set, and metrics of where the thresholds were chosen."""
        here = self.runs_on(wildcards.dataset)
        calibrators = [run._replace(dataset=self.calibrator(run.dataset)) for run in here]
        return {
            "scores": self.files("scores", here),
            "thresholds": self.files("thresholds", here),
            "calibration": self.files("metrics", calibrators),
        }

    def judged(self, wildcards: Wildcards) -> Files:
        """Return what all runs of a data set say about each candidate."""
        here = self.runs_on(wildcards.dataset)
        return {stage: self.files(stage, here) for stage in ("scores", "thresholds", "nearest")}

    def statistics(self) -> list[str]:
        """Return the statistics of the runs that compare every pairing."""
        return self.files("statistics", [run for run in self.runs if run in self.plan.generated_generated])

    def identified(self) -> dict[str, list[str]]:
        """Return the patterns of the images of `identify`: of every set real and generated ones, and unknown ones."""
        asked = self.settings["identify"] or {"sets": {}, "unknown": None}
        sides = [(name, side, own[side]) for name, own in asked["sets"].items() for side in own]
        patterns = {f"{side}-{name}": files for name, side, files in sides}
        return patterns | ({"unknown": asked["unknown"]} if asked["unknown"] else {})

    # Trials: limits of detection, and what generators memorise.

    def examined(self, dataset: str) -> list[list[str]]:
        """Return variant, encoder and similarity of every run on a data set that is examined."""
        return [list(run[1:]) for run in self.runs_on(dataset)]

    def examined_dataset(self, dataset: str) -> Settings:
        """Return what trials take over from a data set: everything but its generator."""
        entry = self.settings["datasets"][dataset]
        return {name: entry[name] for name in ("real", "groups", "patients", "shares", "samples")}

    def examined_settings(self, dataset: str) -> Settings:
        """Return the configuration of the methods of a data set, and of what they have in common."""
        chosen = {
            section: {slug: self.settings[section][slug] for slug in sorted(set(slugs))}
            for section, slugs in zip(METHOD_SECTIONS, zip(*self.examined(dataset), strict=True), strict=True)
        }
        common = {section: self.settings[section] for section in ("features", "scores")}
        return chosen | common | {"pairs": {"device": self.settings["pairs"]["device"]}}

    def trials(self, file: str) -> list[str]:
        """Return a file (trials.parquet, releases.parquet, samples.npz) of all ladders, in blocks of splits."""
        limits = self.settings["limits"] or {"ladders": [], "seeds": 0, "seeds_per_job": 1}
        seeds, size = limits["seeds"], limits["seeds_per_job"]
        blocks = [f"{first}-{min(first + size, seeds) - 1}" for first in range(0, seeds, size)]
        return [f"<results>/limits/{ladder}/{block}/{file}" for ladder in limits["ladders"] for block in blocks]

    def memorisation_trials(self, file: str, datasets: Iterable[str] | None = None) -> list[str]:
        """Return a file, likewise, of all generators, numbers of patients and seeds; of some data sets or of all."""
        asked = self.settings["memorisation"] or {"patients": {}, "generators": [], "seeds": 0}
        return [
            f"<results>/memorisation/{dataset}/{generator}/{patients}/{number}/{file}"
            for dataset, numbers in asked["patients"].items()
            if datasets is None or dataset in datasets
            for generator in asked["generators"]
            for patients in numbers
            for number in range(asked["seeds"])
        ]


SCORED = (REAL_GENERATED, REAL_REAL)
"""The pairings that a run is scored by."""


def _patterns(dataset: Settings) -> dict[str, list[str]]:
    if dataset["source"] == "folder":
        return dataset["roles"]
    return {} if dataset["real"] == "phantom" else {"real": dataset["real"]}


def _pattern(names: Iterable[str]) -> str:
    """Return a pattern of some names; one that matches nothing if there are none."""
    return "|".join(names) or "[^a-z0-9-]+"
