"""From the figures of a data set to a verdict in words. It never says more than was measured."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import comb

from genprint.copies.sentence import CANNOT_SAY, COPIES, NO_COPY
from genprint.tables.table import interval

LEVEL = 0.05


class Verdict(StrEnum):
    """What can be said of a data set: the kind of a verdict, which programs match, and what people read."""

    COPIES = "copies"
    LEAK = "leak"
    NOTHING = "nothing"
    CANNOT_SAY = "cannot-say"

    @property
    def words(self) -> str:
        """The verdict as people read it."""
        return {
            "copies": COPIES,
            "leak": "leak detected",
            "nothing": NO_COPY,
            "cannot-say": CANNOT_SAY,
        }[self]


@dataclass(frozen=True)
class SmallestLeak:
    """The smallest share of copies among the generated images that a method, taken alone, detects with 95 % power."""

    share: float | None
    """The share; None if not even the largest one tried is detected."""
    low: float | None = None
    """Lower bound of its 95 % interval; None if it lies beyond the ladder of leaks."""
    high: float | None = None
    """Upper bound of its 95 % interval; None if it lies beyond the ladder of leaks."""
    method: str = ""
    """The method in words."""
    dataset: str = ""
    """The data set whose images it was measured with."""


@dataclass(frozen=True)
class Findings:
    """What was measured on the images of one data set that are judged."""

    images: tuple[int, int]
    """Numbers of used and of not used images."""
    patients: tuple[int, int]
    """Numbers of patients with used and with not used images."""
    combinations: int
    """How many combinations were tried."""
    best: str
    """The combination with the largest AUC, in words."""
    best_auc: float
    """The AUC of that combination."""
    p_corrected: float
    """The p-value of that AUC, corrected for all combinations tried."""
    lowest: str
    """The combination with the smallest AUC, in words."""
    lowest_auc: float
    """The AUC of that combination."""
    p_reversed: float
    """The p-value of an AUC that small, corrected for all combinations tried."""
    chosen: str
    """The combination with the largest AUC on other images than it is judged by, and how it was chosen, in words."""
    auc: tuple[float, float, float]
    """The AUC of the chosen combination on evaluation images, and the bounds of its 95 % interval."""
    found: int
    """How many used images the chosen combination finds at no more than 1 % false positives."""
    patients_found: int
    """How many patients these are of."""
    real_only_auc: float
    """The AUC of the same rule without any generated image."""
    gain: tuple[float, float, float]
    """What the chosen AUC has above the real-only AUC, and the bounds of its 95 % interval."""
    readable: Sequence[str]
    """By what the labels can be read without any generated image, in words with figures."""
    independent: bool
    """Whether images were taken to be independent, because no patients are known."""
    warning: str = ""
    """What was lost of the images before anything was compared, and whether they are comparable at all."""
    copies: tuple[str, str] | None = None
    """What is said about copies (`genprint.copies.sentence.sentence`); None if they were not searched for."""
    limit: SmallestLeak | None = None
    """The smallest leak that would have been detected; None if it was not measured."""


def verdict(findings: Findings) -> tuple[Verdict, str]:
    """Return the kind of verdict, and the reason for it in words and figures.

    A copy outweighs all that averages say (`_membership`), and where copies could not be told from chance nothing
    cannot be what was detected.
    """
    kind, text = _membership(findings)
    text = f"{text} {findings.warning}".rstrip()
    if findings.copies is None:
        return kind, text
    copies, words = findings.copies
    if copies == COPIES:
        return Verdict.COPIES, f"{words} Membership: {kind.words}. {text}"
    if copies == CANNOT_SAY and kind is Verdict.NOTHING:
        kind = Verdict.CANNOT_SAY
    return kind, f"{text} {words}"


def _membership(findings: Findings) -> tuple[Verdict, str]:
    """Say whether used images can be told from the others.

    A leak is detected if the permutation p of the best AUC, corrected for all combinations tried, is below 0.05, and
    the combination chosen on other images does better than its real-only control. The effect is that of the
    chosen combination, because the best one is partly the best by luck. Nothing can be said where the labels can be
    read without any generated image, or where images that were not used are the nearer ones, by the same test. That
    nothing was detected does not prove that nothing leaks: the text says which leak would have been detected, or that
    this was not measured.
    """
    if reason := _too_little(findings):
        return Verdict.CANNOT_SAY, reason
    assumed = (
        " The patients are not known, so images were assumed to be independent of each other."
        if findings.independent
        else ""
    )
    effect = f"AUC {_with_bounds(findings.auc)} for {findings.chosen}"
    readable = "; ".join(findings.readable)
    swapped = findings.p_reversed < LEVEL
    if swapped:
        effect = (
            f"AUC {findings.lowest_auc:.2f} for {findings.lowest}; p = {_p(findings.p_reversed)}, corrected for all "
            f"{findings.combinations} combinations tried"
        )
    if readable and (swapped or findings.p_corrected < LEVEL):
        return Verdict.CANNOT_SAY, (
            f"Used and not used images differ ({effect}), but they can be told apart without any generated image, too: "
            f"{readable}. Take used and not used images from the same source."
            + (" The generated images resemble those labelled not used: are the roles swapped?" if swapped else "")
            + assumed
        )
    if swapped:
        return Verdict.CANNOT_SAY, (
            "The images labelled not used are the ones that the generated images resemble: are the roles swapped? "
            f"({effect}.)" + assumed
        )
    if findings.p_corrected < LEVEL:
        if not findings.gain[1] > 0:
            return Verdict.CANNOT_SAY, (
                f"Used and not used images can be told apart (corrected p = {_p(findings.p_corrected)}), but not "
                f"through the generated images: {effect}; without any generated image the AUC is "
                f"{findings.real_only_auc:.2f} (difference {_with_bounds(findings.gain)}). Take used and not used "
                "images from the same source." + assumed
            )
        return Verdict.LEAK, (
            f"Used images can be told apart from the others: {effect}; p = {_p(findings.p_corrected)}, corrected for "
            f"all {findings.combinations} combinations tried. With at most 1 % false positives, {findings.found} of "
            f"{findings.images[0]} used images are found, of {findings.patients_found} of {findings.patients[0]} "
            f"patients. Without any generated image the AUC is {findings.real_only_auc:.2f}. If used "
            "and not used images come from different sources (scanner, hospital, year), this may reflect the source "
            "rather than the training." + assumed
        )
    nothing = (
        f"{effect}. The best of all {findings.combinations} combinations reaches {findings.best_auc:.2f} "
        f"({findings.best}), corrected p = {_p(findings.p_corrected)}."
    )
    if readable:
        assumed = f" The labels can be read without any generated image ({readable}), which may hide a leak." + assumed
    if findings.limit is None:
        return Verdict.NOTHING, (
            f"{nothing} How small a leak would have been detected was not measured (target `limits`), so this does "
            "not show that nothing leaks." + assumed
        )
    if findings.limit.share is None:
        return Verdict.CANNOT_SAY, (
            f"{nothing} However, on the images of {findings.limit.dataset} not even the largest share of copies tried "
            "would be detected reliably." + assumed
        )
    return Verdict.NOTHING, (
        f"{nothing} A leak of {_share(findings.limit)} copies would have been detected with 95 % power by "
        f"{findings.limit.method} alone (measured on the images of {findings.limit.dataset}); a smaller leak, or one "
        "of another kind, may still be there." + assumed
    )


def _too_little(findings: Findings) -> str | None:
    if not sum(findings.images):
        return "None of the images judged has a label; give labels, or use the run files."
    missing = [name for name, count in zip(("used", "not used"), findings.images, strict=True) if not count]
    if missing:
        return f"None of the images judged is known to be {missing[0]}; give labelled images of both kinds."
    if (ways := comb(sum(findings.patients), findings.patients[0])) < 1 / LEVEL:
        return (
            f"There are too few patients: {findings.patients[0]} with used and {findings.patients[1]} with not used "
            f"images can be labelled in {ways} ways, so even the clearest result would arise by chance more often than "
            "once in 20 times. Add images of other patients."
        )
    return None


def described(combination: Mapping[str, str]) -> str:
    """Return a combination in words."""
    return "{similarity} of {encoder} ({variant}), score rule {rule}".format_map(combination)


def _with_bounds(value: Sequence[float]) -> str:
    return interval(*(f"{number:.2f}" for number in value))


def _share(limit: SmallestLeak) -> str:
    numbers = (limit.share, limit.low, limit.high)
    return f"{interval(*('' if number is None else f'{100 * number:.3g}' for number in numbers))} %"


def _p(value: float) -> str:
    return f"{value:.2g}"
