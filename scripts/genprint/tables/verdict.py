"""From the figures of a data set to a verdict in words. It never says more than was measured."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import comb

LEAK = "leak detected"
NOTHING = "nothing detected"
CANNOT_SAY = "cannot say"

LEVEL = 0.05


@dataclass(frozen=True)
class Limit:
    """The smallest share of copies among the generated images that a method, taken alone, finds with 95 % power."""

    share: float | None
    """None if not even the largest share tried is found."""
    low: float | None = None
    high: float | None = None
    """95 % interval; None where the ladder of leaks does not reach."""
    method: str = ""
    """The method in words."""
    dataset: str = ""
    """The data set with whose images it was measured."""


@dataclass(frozen=True)
class Findings:
    """What was found on the evaluation images of one data set."""

    images: tuple[int, int]
    """Used and not used."""
    patients: tuple[int, int]
    combinations: int
    """How many were tried."""
    best: str
    """The combination with the largest AUC on evaluation images, in words."""
    best_auc: float
    p_corrected: float
    """Of the best AUC, for all combinations tried."""
    chosen: str
    """The combination with the largest AUC on calibration images, in words."""
    auc: tuple[float, float, float]
    """Of the chosen combination on evaluation images, with its 95 % interval."""
    found: int
    """Used images that it finds at no more than 1 % false positives."""
    real_only_auc: float
    """Of the same rule without any generated image."""
    gain: tuple[float, float, float]
    """AUC above the real-only AUC, with its 95 % interval."""
    independent: bool
    """True where no patients are known, so that images were taken to be independent."""
    limit: Limit | None = None
    """None if it was not measured."""


def verdict(findings: Findings) -> tuple[str, str]:
    """`LEAK`, `NOTHING` or `CANNOT_SAY`, and the reason in words with its figures.

    A leak is detected if the permutation p of the best AUC, corrected for all combinations tried, is below 0.05, and
    the combination chosen on calibration images does better than its real-only control. The effect is that of the
    chosen combination, because the best one is the best by luck as well. Nothing detected is no proof of no leak: the
    text says which leak would have been found, or that this was not measured.
    """
    if reason := _too_little(findings):
        return CANNOT_SAY, reason
    assumed = " No patients are known: images were taken to be independent." if findings.independent else ""
    effect = f"AUC {_interval(findings.auc)} by {findings.chosen}, chosen on calibration images"
    if findings.p_corrected < LEVEL:
        if not findings.gain[1] > 0:
            return CANNOT_SAY, (
                f"The labels show (corrected p = {_p(findings.p_corrected)}), but not by the generated images: {effect}"
                f"; without any generated image it is {findings.real_only_auc:.2f} (difference "
                f"{_interval(findings.gain)}). Take used and not used images from the same source." + assumed
            )
        return LEAK, (
            f"Used images are told from the others: {effect}; p = {_p(findings.p_corrected)}, corrected for all "
            f"{findings.combinations} combinations tried. At no more than 1 % false positives {findings.found} of "
            f"{findings.images[0]} used images are found. Without any generated image the AUC is "
            f"{findings.real_only_auc:.2f}. Where used and not used images are of different sources (scanner, "
            "hospital, year), this may be the source and not the training." + assumed
        )
    nothing = (
        f"{effect}. The best of all {findings.combinations} combinations has {findings.best_auc:.2f} "
        f"({findings.best}), corrected p = {_p(findings.p_corrected)}."
    )
    if findings.limit is None:
        return NOTHING, (
            f"{nothing} How small a leak would have been found was not measured (target `limits`), so this does not "
            "show that nothing leaks." + assumed
        )
    if findings.limit.share is None:
        return CANNOT_SAY, (
            f"{nothing} But with the images of {findings.limit.dataset} not even the largest share of copies that was "
            "tried would be found reliably." + assumed
        )
    return NOTHING, (
        f"{nothing} A leak of {_share(findings.limit)} copies would have been found with 95 % power by "
        f"{findings.limit.method} alone (measured with the images of {findings.limit.dataset}); a smaller one, or one "
        "of another kind, may be there." + assumed
    )


def _too_little(findings: Findings) -> str | None:
    if not sum(findings.images):
        return "No image that is judged has a label; give labels, or use the run files."
    missing = [name for name, count in zip(("used", "not used"), findings.images, strict=True) if not count]
    if missing:
        return f"No {missing[0]} image among those that are judged; give labelled images of both kinds."
    if comb(sum(findings.patients), findings.patients[0]) < 1 / LEVEL:
        return (
            f"Too few: {findings.patients[0]} used and {findings.patients[1]} not used patients can be labelled in "
            f"{comb(sum(findings.patients), findings.patients[0])} ways, so no result is rarer than 1 in 20 by chance. "
            "Add images of other patients."
        )
    return None


def described(combination: Mapping[str, str]) -> str:
    """A combination in words."""
    return "{similarity} of {encoder} ({variant}), score rule {rule}".format_map(combination)


def _interval(value: Sequence[float]) -> str:
    estimate, low, high = value
    return f"{estimate:.2f} [{low:.2f}, {high:.2f}]"


def _share(limit: Limit) -> str:
    bounds = ["?" if bound is None else f"{100 * bound:.3g}" for bound in (limit.low, limit.high)]
    known = "" if bounds == ["?", "?"] else f" [{', '.join(bounds)}]"
    return f"{100 * (limit.share or 0):.3g}{known} %"


def _p(value: float) -> str:
    return f"{value:.2g}"
