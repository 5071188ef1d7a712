"""What tables, figures, run files and the page are made from, and what they may show."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from genprint.plan import copies, run_files
from genprint.plan.configuration import without_files
from genprint.plan.run_files import RunFile
from genprint.plan.runs import Wildcards
from genprint.plan.workflow import Files, Workflow

TABLES = (
    "verdicts",
    "selection",
    "2024-table-1",
    "2024-table-2",
    "2024-table-3",
    "2025-table-1",
    "2025-table-2",
    "2025-table-3",
    "ablation",
)
CHARTS = ("auc", "roc", "histogram", "heatmap")
GALLERIES = ("images", "nearest", "similarity", "noise", "enhancement")


@dataclass(frozen=True)
class Publication:
    """What people look at."""

    workflow: Workflow
    run_files: tuple[RunFile, ...]

    @classmethod
    def of(cls, workflow: Workflow) -> "Publication":
        """Return the publication of a workflow; raise ValueError for run files that no run can give."""
        return cls(workflow, tuple(run_files.chosen(workflow.settings, workflow.runs)))

    # Tables.

    @property
    def limits(self) -> list[str]:
        """The names of the tables and of the figure of the limits of detection, if they are asked for."""
        return ["limits"] if self.workflow.settings["limits"] else []

    @property
    def limit_tables(self) -> list[str]:
        """The names of the tables of limits that the page has."""
        searched = self.workflow.settings["limits"] and self.workflow.settings["limits"]["copies"]
        return [*self.limits, *(["withheld"] if searched else [])]

    @property
    def reported(self) -> list[str]:
        """The tables that the papers' own numbers stand in."""
        years = tuple(map(str, self.workflow.settings["tables"]["reported"]))
        return [name for name in TABLES if name.startswith(years)]

    def table_settings(self) -> dict[str, Any]:
        """Return the part of the configuration that tables depend on, so that another option makes none anew."""
        settings, limits = self.workflow.settings, self.workflow.settings["limits"]
        return {
            "tables": settings["tables"],
            "limits": limits and _only(limits, ("dataset", "ladders")),
            "datasets": _each(settings["datasets"], ("report_as", "calibrated_by")),
            "variants": settings["variants"],
            "encoders": _each(settings["encoders"], ("method",)),
            "similarities": _each(settings["similarities"], ("method",)),
        }

    # Figures and the page.

    @property
    def pictured(self) -> list[str]:
        """The data sets with runs whose images may be shown."""
        allowed = self.workflow.settings["report"]["galleries"]
        if allowed == "phantom":
            sources = self.workflow.settings["datasets"]
            return [name for name in self.workflow.datasets if sources[name].get("real") == "phantom"]
        return self.workflow.datasets if allowed else []

    @property
    def charts(self) -> list[str]:
        """The figures without an image of anyone."""
        return [*CHARTS, *copies.CHARTS, *self.limits]

    @property
    def galleries(self) -> list[str]:
        """The figures with images, if any may be shown."""
        return [copies.GALLERY, *GALLERIES] if self.pictured else []

    @property
    def sheets(self) -> dict[str, list[str]]:
        """The sheets of what trials made, of data sets whose images may be shown, by section of the configuration."""
        limits = self.workflow.settings["limits"]
        return {
            "limits": self.workflow.trials("samples.png") if limits and limits["dataset"] in self.pictured else [],
            "memorisation": self.workflow.memorisation_trials("samples.png", self.pictured),
        }

    @property
    def noise(self) -> list[str]:
        """The configured variants that are noise."""
        return [name for name in self.workflow.settings["variants"] if self.workflow.facts("variants", name)["RANDOM"]]

    def variants(self, *, noise: bool | None = None) -> list[str]:
        """Return the variants of the first pictured data set: all, or the original and either noise or the rest."""
        names = dict.fromkeys(run.variant for run in self.workflow.runs if run.dataset in self.pictured[:1])
        methods = {name: self.workflow.settings["variants"][name]["method"] for name in names}
        return [name for name in names if noise in (None, name in self.noise) or methods[name] == "original"]

    def variant_images(self) -> list[str]:
        """Return the real and the generated images of every pictured variant, in turn."""
        sides = ("real", "generated")
        return [
            self.workflow.variant_images(self.pictured[0], each, side) for each in self.variants() for side in sides
        ]

    def image_similarities(self) -> dict[str, dict[str, Any]]:
        """Return the configured similarities of all pairs of images."""
        return {
            name: entry
            for name, entry in self.workflow.settings["similarities"].items()
            if "image" in self.workflow.facts("similarities", name)["ACCEPTS"] and "shortlist" not in entry
        }

    @property
    def pseudonyms(self) -> str | list[str]:
        """The table of pseudonyms, if real images are to have any."""
        return "<results>/pseudonyms.csv" if self.workflow.settings["report"]["pseudonyms"] else []

    def page_settings(self) -> dict[str, Any]:
        """Return the configuration as the page prints it: without file names, if images have pseudonyms."""
        return without_files(self.workflow.settings) if self.pseudonyms else self.workflow.settings

    # Run files.

    @property
    def decided_datasets(self) -> list[str]:
        """The data sets that run files are asked for."""
        return list(dict.fromkeys(file.run.dataset for file in self.run_files))

    def run_files_of(self, dataset: str) -> list[list[str]]:
        """Return variant, encoder, similarity, score rule and threshold rule of every run file of a data set."""
        own = [file for file in self.run_files if file.run.dataset == dataset]
        return [[*file.run[1:], file.score_rule, file.threshold_rule] for file in own]

    def decided(self, wildcards: Wildcards) -> Files:
        """Return the scores and thresholds behind every run file of a data set, in their order."""
        runs = [file.run for file in self.run_files if file.run.dataset == wildcards.dataset]
        return {stage: self.workflow.files(stage, runs) for stage in ("scores", "thresholds")}

    def submission_archives(self) -> list[str]:
        """Return an archive of run files for every data set that has any."""
        return [f"<results>/submissions/{dataset}.zip" for dataset in self.decided_datasets]


def _only(entry: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: entry[name] for name in names}


def _each(entries: dict[str, dict[str, Any]], names: Iterable[str]) -> dict[str, dict[str, Any]]:
    return {slug: _only(entry, names) for slug, entry in entries.items()}
