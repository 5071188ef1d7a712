"""Which run files a configuration asks for."""

from collections.abc import Iterable
from itertools import product
from typing import NamedTuple

from genprint.plan.runs import Run


class RunFile(NamedTuple):
    """A run whose decisions are written, and the rules that decide."""

    run: Run
    score_rule: str
    threshold_rule: str


def chosen(settings: dict, runs: Iterable[Run]) -> list[RunFile]:
    """The run files that a completed configuration asks for, each once, in the order of its blocks.

    Only runs on data sets with the role ``unknown`` have any. Raises ValueError for blocks that match no such run.
    """
    unlabelled = [run for run in runs if "unknown" in settings["datasets"][run.dataset].get("roles", {})]
    files: dict[RunFile, None] = {}
    problems = []
    for position, block in enumerate(settings["submissions"]["runs"]):
        axes = [block[axis] for axis in ("datasets", "variants", "encoders", "similarities")]
        matching = [
            run
            for run in unlabelled
            if all(names == "all" or own in names for own, names in zip(run, axes, strict=True))
        ]
        if unlabelled and not matching:
            problems.append(
                f"submissions.runs[{position}]: matches no run on images of unknown label; name planned ones"
            )
        rules = [block[f"{kind}s"] or [settings["tables"][kind]] for kind in ("score_rule", "threshold_rule")]
        files |= dict.fromkeys(RunFile(*each) for each in product(matching, *rules))
    if problems:
        raise ValueError("\n".join(problems))
    return list(files)
