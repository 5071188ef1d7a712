"""One run evaluated: scores of every candidate, thresholds from the calibration half, metrics on both halves.

All tables are frames in long format.
"""

from collections.abc import Collection, Iterator, Mapping
from itertools import product
from typing import NamedTuple

import numpy as np
import pandas as pd

from genprint.columns import (
    DATASET,
    GROUP,
    IMAGE_ID,
    LABEL,
    RULE,
    RUN,
    SCORE,
    SOURCE,
    SPLIT,
    TEXT,
    THRESHOLD,
    THRESHOLD_RULE,
    column,
    schema,
)
from genprint.runtime.progress import counted
from genprint.scoring.controls import real_only
from genprint.scoring.evidence import Evidence
from genprint.scoring.metrics import COUNT_COLUMNS, METRIC_COLUMNS, measure
from genprint.scoring.scores import SCORE_RULES, score_by
from genprint.scoring.thresholds import THRESHOLD_RULES, Calibration, NoThresholdError, decide, threshold_by

GENERATED = "generated"
REAL_ONLY = "real-only"
CALIBRATION = "calibration"
EVALUATION = "evaluation"

SCORES = schema(
    "a row for each candidate, source and score rule",
    *(DATASET, *RUN, IMAGE_ID, GROUP, LABEL, SPLIT, SOURCE, RULE, SCORE),
)
THRESHOLDS = schema(
    "a row for each source, score rule and threshold rule",
    *(DATASET, *RUN, SOURCE, RULE, THRESHOLD_RULE, THRESHOLD),
    column("reason", TEXT, "why there is no threshold; null where there is one"),
)
EVALUATED = column("split", TEXT, "the half of the images that these are the metrics of: calibration or evaluation")
MEASURED = schema(
    "a row for each source, score rule, threshold rule and half",
    *(DATASET, *RUN, SOURCE, RULE, THRESHOLD_RULE, EVALUATED, *COUNT_COLUMNS.values(), *METRIC_COLUMNS.values()),
)

Combination = tuple[str, str, str]
"""Source, score rule, threshold rule."""


class Evaluation(NamedTuple):
    """The three tables of a run, without the columns that name it."""

    scores: pd.DataFrame
    """The scores of all candidates, as `SCORES` describes them."""
    thresholds: pd.DataFrame
    """The chosen thresholds, as `THRESHOLDS` describes them."""
    metrics: pd.DataFrame
    """The metrics on both halves, as `MEASURED` describes them; without labels all counts are 0."""


def evaluate(
    evidence: Evidence,
    images: pd.DataFrame,
    *,
    scores: Mapping[str, float] | None = None,
    thresholds: Mapping[str, float] | None = None,
    calibration: pd.DataFrame | None = None,
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
    used = (candidates["label"] == "used").to_numpy()
    split = {name: (candidates["split"] == name).to_numpy() for name in (CALIBRATION, EVALUATION)}
    if calibration is None:
        half = split[CALIBRATION]
        chosen = _choose({at: values[half] for at, values in found.items()}, used[half], thresholds or {})
    else:
        chosen = _given(calibration)
        del split[CALIBRATION]
    measured = [
        (*at, name, *measure(used[half], found[at[:2]][half], threshold).values())
        for at, (threshold, _) in chosen.items()
        for name, half in split.items()
    ]
    scored = [candidates.assign(source=at[0], rule=at[1], score=values) for at, values in found.items()]
    return Evaluation(
        pd.concat(scored, ignore_index=True),
        pd.DataFrame([at + to for at, to in chosen.items()], columns=THRESHOLDS.names[-5:]),
        pd.DataFrame(measured, columns=MEASURED.names[4:]),
    )


def decisions(scores: pd.DataFrame, thresholds: pd.DataFrame, *, rule: str, threshold_rule: str) -> pd.DataFrame:
    """Decide on every candidate of a run by one score rule and one threshold rule.

    Args:
        scores, thresholds: Tables of the run (`Evaluation`).
        rule, threshold_rule: The score rule and the threshold rule.

    Returns:
        The rows of ``scores`` by this rule, of the generated images first and then of the real-only control, with the
        threshold of their source and decision (1 used, 0 not used, NaN undecided).

    Raises:
        ValueError: The thresholds lack this combination.
    """
    chosen = thresholds[(thresholds["rule"] == rule) & (thresholds["threshold_rule"] == threshold_rule)]
    if GENERATED not in set(chosen["source"]):
        raise ValueError(
            f"no threshold by {threshold_rule!r} for scores by {rule!r}; write a threshold rule among "
            f"{', '.join(THRESHOLD_RULES)} and a score rule among {', '.join(SCORE_RULES)}"
        )
    rows = scores[scores["rule"] == rule].merge(chosen[["source", "threshold"]], on="source", how="left")
    return rows.assign(decision=decide(rows["score"].to_numpy(), rows["threshold"].to_numpy()))


def with_copies(decisions: pd.DataFrame, copied: Collection[str]) -> pd.DataFrame:
    """Decide "used" about every image that has a copy in the release, whatever its score.

    Args:
        decisions: `decisions`.
        copied: ids of the real images that have one.
    """
    return decisions.assign(decision=decisions["decision"].mask(decisions["image_id"].isin(copied), 1.0))


def _candidates(evidence: Evidence, images: pd.DataFrame, *, calibrated_elsewhere: bool) -> pd.DataFrame:
    columns = images.loc[images["label"] != "held_out", ["image_id", "group", "label", "split"]]
    if len(evidence.distance_generated) != len(columns):
        raise ValueError(
            f"{len(columns)} candidates, but evidence about {len(evidence.distance_generated)}; "
            "pass evidence from the matrices and labels of the same images"
        )
    labelled = columns["label"].isin(("used", "not_used"))
    split = columns["split"].astype(object).where(labelled, None)
    if calibrated_elsewhere:
        split = split.mask(labelled, EVALUATION)
    stray = labelled & ~split.isin((CALIBRATION, EVALUATION))
    if stray.any():
        raise ValueError(
            f"labelled images without a split: {', '.join(columns['image_id'][stray])}; "
            "give each one calibration or evaluation, or name a data set that calibrates this one"
        )
    return columns.assign(split=split)


def _choose(
    found: Mapping[tuple[str, str], np.ndarray],
    used: np.ndarray,
    parameters: Mapping[str, float],
) -> dict[Combination, tuple[float, str | None]]:
    """Return the threshold, or NaN and the reason, of every combination, from the calibration half."""
    chosen = {}
    for (source, rule), values in found.items():
        known = Calibration(values, used, found[REAL_ONLY, rule])
        for threshold_rule in THRESHOLD_RULES:
            try:
                threshold, reason = threshold_by(threshold_rule, known, parameters), None
            except NoThresholdError as error:
                threshold, reason = np.nan, str(error)
            chosen[source, rule, threshold_rule] = threshold, reason
    return chosen


def _given(calibration: pd.DataFrame) -> dict[Combination, tuple[float, str | None]]:
    """Return the same from the thresholds table of another data set."""
    outcomes = zip(calibration["threshold"], calibration["reason"], strict=True)
    known = dict(zip(_combinations(calibration), outcomes, strict=True))
    wanted = list(product((GENERATED, REAL_ONLY), SCORE_RULES, THRESHOLD_RULES))
    missing = [" x ".join(at) for at in wanted if at not in known]
    if missing:
        raise ValueError(f"the calibrating data set has no threshold for {', '.join(missing)}; evaluate it again")
    return {at: known[at] for at in wanted}


def _combinations(thresholds: pd.DataFrame) -> Iterator[Combination]:
    return zip(thresholds["source"], thresholds["rule"], thresholds["threshold_rule"], strict=True)
