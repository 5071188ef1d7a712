"""Versions of the code behind a job: Snakemake does not see imported modules, so each job has them as a parameter."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from genprint.plan.configuration import METHOD_SECTIONS
from genprint.plan.runs import Wildcards
from genprint.plan.sources import code_version, registered
from genprint.plan.workflow import Workflow

WILDCARDS = {"variants": "variant", "encoders": "encoder", "similarities": "similarity", "datasets": "dataset"}
"""The wildcard that names an entry of a section of the configuration."""


@dataclass(frozen=True)
class Versions:
    """Versions of scripts, of all that they import, and of the methods that they load by name.

    The answers are functions of a job's wildcards: a job on a cluster parses the rules of all jobs, and asks for one.
    """

    workflow: Workflow
    scripts: Path
    """The folder of the scripts."""

    def code(self, script: str, section: str | None = None) -> Callable[[Wildcards], str]:
        """Return the version of a script, and of the method that a job's wildcards name in a section."""

        def version(wildcards: Wildcards) -> str:
            if section is None:
                return self._version([script])
            return self._version([script], [self.workflow.method(section, getattr(wildcards, WILDCARDS[section]))])

        return version

    def code_of_methods(self, script: str, modules: Iterable[str]) -> Callable[[Wildcards], str]:
        """Return the version of a script and of these modules."""
        return lambda wildcards: self._version([script], modules)

    def ladder(self, wildcards: Wildcards) -> str:
        """Return the version of the trials of a ladder: of its generator, and of every method that is examined."""
        limits = self.workflow.settings["limits"]
        return self._trials("limit_trials.py", limits["dataset"], limits["ladders"][wildcards.ladder])

    def memorisation(self, wildcards: Wildcards) -> str:
        """Return the version of the trials of a generator that may memorise, likewise."""
        entry = self.workflow.settings["memorisation"]["generators"][wildcards.generator]
        return self._trials("memorisation_trials.py", wildcards.dataset, entry)

    def _trials(self, script: str, dataset: str, entry: Mapping) -> str:
        methods = [
            self.workflow.method(section, slug)
            for names in self.workflow.examined(dataset)
            for section, slug in zip(METHOD_SECTIONS, names, strict=True)
        ]
        return self._version([script], [registered("genprint.generators")[entry["generator"]["method"]], *methods])

    def everything(self, wildcards: Wildcards) -> str:
        """Return the version of every script and of every configured method."""
        settings = self.workflow.settings
        generated = [name for name, dataset in settings["datasets"].items() if "generator" in dataset]
        methods = [module for section in METHOD_SECTIONS for module in self.workflow.methods(section)]
        scripts = sorted(file.name for file in self.scripts.glob("*.py"))
        return self._version(scripts, [*methods, *(self.workflow.method("datasets", name) for name in generated)])

    def _version(self, scripts: Iterable[str], modules: Iterable[str] = ()) -> str:
        return _cached_version(*(self.scripts / script for script in scripts), *dict.fromkeys(modules))


_cached_version = cache(code_version)
