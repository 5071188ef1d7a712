"""One run evaluated: scores of every candidate, thresholds from the calibration half, metrics on both halves.

Everything is a dict of columns of one length in long format; NaN and None stand for null.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import NamedTuple

import numpy as np

from genprint.runtime.progress import counted
from genprint.scoring.controls import real_only
from genprint.scoring.evidence import Evidence
from genprint.scoring.metrics import COUNTS, METRICS, measure
from genprint.scoring.scores import SCORE_RULES, score_by
from genprint.scoring.thresholds import THRESHOLD_RULES, Calibration, NoThresholdError, decide, threshold_by

GENERATED = "generated"
REAL_ONLY = "real-only"
CALIBRATION = "calibration"
EVALUATION = "evaluation"

Columns = dict[str, np.ndarray]
Combination = tuple[str, str, str]
"""Source, score rule, threshold rule."""


class Evaluation(NamedTuple):
    """The three tables of a run."""

    scores: Columns
    """image_id, group, label, split, source, rule, score: one row per candidate, source and score rule."""
    thresholds: Columns
    """source, rule, threshold_rule, threshold, reason: null thresholds have a reason, the others none."""
    metrics: Columns
    """source, rule, threshold_rule, split, then `COUNTS` and `METRICS`; without labels all counts are 0."""


def evaluate(
    evidence: Evidence,
    images: Mapping[str, Sequence],
    *,
    scores: Mapping[str, float] | None = None,
    thresholds: Mapping[str, float] | None = None,
    calibration: Mapping[str, Sequence] | None = None,
) -> Evaluation:
    """Apply every score rule and every threshold rule, to the generated images and to the real-only control.

    Args:
        evidence: Distances of the candidates.
        images: Columns image_id, group, label, split of all real images, held-out ones included, in the order of the
            matrices that the evidence was made from.
        scores: Parameters of the score rules (`genprint.scoring.scores.PARAMETERS`); what is left out has its default.
        thresholds: Parameters of the threshold rules, likewise.
        calibration: The thresholds table of the data set that calibrates this one. Nothing is chosen here then, and
            every labelled image is evaluation.

    Raises:
        ValueError: Images that do not match the evidence, labelled images without a split, a calibration that lacks
            combinations.
    """
    candidates = _candidates(evidence, images, calibrated_elsewhere=calibration is not None)
    sources = {GENERATED: evidence, REAL_ONLY: real_only(evidence)}
    found = {
        (source, rule): score_by(rule, sources[source], scores)
        for source, rule in counted(list(product(sources, SCORE_RULES)), "score rules")
    }
    used = candidates["label"] == "used"
    split = {name: candidates["split"] == name for name in (CALIBRATION, EVALUATION)}
    if calibration is None:
        half = split[CALIBRATION]
        chosen = _choose({at: score[half] for at, score in found.items()}, used[half], thresholds)
    else:
        chosen = _given(calibration)
        del split[CALIBRATION]
    measured = [
        (*at, name, *measure(used[half], found[at[:2]][half], threshold).values())
        for at, (threshold, _) in chosen.items()
        for name, half in split.items()
    ]
    return Evaluation(
        _score_columns(candidates, found),
        _columns(
            ("source", "rule", "threshold_rule", "threshold", "reason"),
            [at + to for at, to in chosen.items()],
        ),
        _columns(("source", "rule", "threshold_rule", "split", *COUNTS, *METRICS), measured),
    )


def decisions(
    scores: Mapping[str, Sequence],
    thresholds: Mapping[str, Sequence],
    *,
    rule: str,
    threshold_rule: str,
    label: str | None = None,
) -> Columns:
    """What one score rule with one threshold rule decides about the candidates, or about those of one label.

    Columns image_id and decision (1 used, 0 not used, NaN undecided), from the tables of an `Evaluation`. Raises
    ValueError for a combination that the thresholds lack.
    """
    threshold_of = dict(zip(_combinations(thresholds), thresholds["threshold"], strict=True))
    if (GENERATED, rule, threshold_rule) not in threshold_of:
        raise ValueError(
            f"no threshold by {threshold_rule!r} for scores by {rule!r}; write a threshold rule among "
            f"{', '.join(THRESHOLD_RULES)} and a score rule among {', '.join(SCORE_RULES)}"
        )
    rows = (np.asarray(scores["source"]) == GENERATED) & (np.asarray(scores["rule"]) == rule)
    if label is not None:
        rows &= np.asarray(scores["label"]) == label
    decision = decide(np.asarray(scores["score"], float)[rows], threshold_of[GENERATED, rule, threshold_rule])
    return {"image_id": np.asarray(scores["image_id"])[rows], "decision": decision}


def _candidates(evidence: Evidence, images: Mapping[str, Sequence], *, calibrated_elsewhere: bool) -> Columns:
    columns = {name: np.asarray(images[name], object) for name in ("image_id", "group", "label", "split")}
    among = columns["label"] != "held_out"
    columns = {name: values[among] for name, values in columns.items()}
    if len(evidence.distance_generated) != np.count_nonzero(among):
        raise ValueError(
            f"{np.count_nonzero(among)} candidates, but evidence about {len(evidence.distance_generated)}; "
            "make the evidence from the matrices and labels of the same images"
        )
    labelled = np.isin(columns["label"].astype(str), ("used", "not_used"))
    if calibrated_elsewhere:
        columns["split"][labelled] = EVALUATION
    stray = labelled & ~np.isin(columns["split"].astype(str), (CALIBRATION, EVALUATION))
    if stray.any():
        raise ValueError(
            f"labelled images without a split: {', '.join(columns['image_id'][stray])}; "
            "give each one calibration or evaluation, or name a data set that calibrates this one"
        )
    columns["split"][~labelled] = None
    return columns


def _choose(
    found: Mapping[tuple[str, str], np.ndarray],
    used: np.ndarray,
    options: Mapping[str, float] | None,
) -> dict[Combination, tuple[float, str | None]]:
    """Threshold, or NaN and the reason, of every combination, from the calibration half."""
    chosen = {}
    for (source, rule), score in found.items():
        known = Calibration(score, used, found[REAL_ONLY, rule])
        for threshold_rule in THRESHOLD_RULES:
            try:
                threshold, reason = threshold_by(threshold_rule, known, options), None
            except NoThresholdError as error:
                threshold, reason = np.nan, str(error)
            chosen[source, rule, threshold_rule] = threshold, reason
    return chosen


def _given(calibration: Mapping[str, Sequence]) -> dict[Combination, tuple[float, str | None]]:
    """The same, from the thresholds table of another data set."""
    outcomes = zip(calibration["threshold"], calibration["reason"], strict=True)
    known = dict(zip(_combinations(calibration), outcomes, strict=True))
    wanted = list(product((GENERATED, REAL_ONLY), SCORE_RULES, THRESHOLD_RULES))
    missing = [" x ".join(at) for at in wanted if at not in known]
    if missing:
        raise ValueError(f"the calibrating data set has no threshold for {', '.join(missing)}; evaluate it again")
    return {at: known[at] for at in wanted}


def _combinations(thresholds: Mapping[str, Sequence]) -> Iterator[Combination]:
    return zip(thresholds["source"], thresholds["rule"], thresholds["threshold_rule"], strict=True)


def _score_columns(candidates: Columns, found: Mapping[tuple[str, str], np.ndarray]) -> Columns:
    count = len(candidates["image_id"])
    repeated = {name: np.tile(values, len(found)) for name, values in candidates.items()}
    source, rule = (np.repeat(names, count) for names in zip(*found, strict=True))
    return repeated | {
        "source": source,
        "rule": rule,
        "score": np.concatenate(list(found.values())),
    }


def _columns(names: Sequence[str], rows: list[tuple]) -> Columns:
    return {name: np.array(values) for name, values in zip(names, zip(*rows, strict=True), strict=True)}
