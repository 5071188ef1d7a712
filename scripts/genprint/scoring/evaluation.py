"""One run evaluated: scores of every candidate, thresholds from images that are not judged by them, and metrics.

Under the protocol of halves, thresholds are chosen on the calibration half and judged on the evaluation half. Under
cross-fitting, those of a fold are chosen on the next, and every labelled image is judged once. All tables are
frames in long format.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
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
from genprint.images.parts import judged, judged_parts
from genprint.plan.protocol import next_part
from genprint.runtime.progress import counted
from genprint.scoring.controls import real_only
from genprint.scoring.evidence import Evidence
from genprint.scoring.metrics import COUNT_COLUMNS, METRIC_COLUMNS, measure, ratio
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
    "a row for each source, score rule, threshold rule and part that is judged",
    *(DATASET, *RUN, SOURCE, RULE, THRESHOLD_RULE),
    column("part", TEXT, "the images it decides about: evaluation, or a fold"),
    THRESHOLD,
    column("reason", TEXT, "why there is no threshold; null where there is one"),
)
EVALUATED = column(
    "split", TEXT, "the images that these are the metrics of: the calibration half, or evaluation, all that are judged"
)
MEASURED = schema(
    "a row for each source, score rule, threshold rule and half",
    *(DATASET, *RUN, SOURCE, RULE, THRESHOLD_RULE, EVALUATED, *COUNT_COLUMNS.values(), *METRIC_COLUMNS.values()),
)

SOURCES: dict[str, Callable[[Evidence], Evidence]] = {GENERATED: lambda evidence: evidence, REAL_ONLY: real_only}
"""What candidates are compared with: the generated images, or those that replace them."""
Combination = tuple[str, str, str]
"""Source, score rule, threshold rule."""


class Evaluation(NamedTuple):
    """The three tables of a run, without the columns that name it."""

    scores: pd.DataFrame
    """The scores of all candidates, as `SCORES` describes them."""
    thresholds: pd.DataFrame
    """The chosen thresholds, as `THRESHOLDS` describes them."""
    metrics: pd.DataFrame
    """The metrics, as `MEASURED` describes them; without labels all counts are 0."""


def evaluate(
    evidence: Sequence[Evidence],
    images: pd.DataFrame,
    *,
    scores: Mapping[str, float] | None = None,
    thresholds: Mapping[str, float] | None = None,
    calibration: pd.DataFrame | None = None,
) -> Evaluation:
    """Apply every score rule and every threshold rule, to the generated images and to the real-only control.

    Cross-fitted encoders give scores that mean something within their fold only. Each is replaced by its rank there,
    (labelled images below + half of the equal ones) / labelled images of the fold, which no label decides.

    Args:
        evidence: Distances of the candidates: of all at once, or of cross-fitted encoders fold by fold
            (`genprint.scoring.evidence.read_evidence`).
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
    used, labelled = (candidates["label"] == "used").to_numpy(), candidates["split"].notna().to_numpy()
    parts = judged_parts(candidates["split"], candidates["label"])
    rules = counted(list(product(SOURCES, SCORE_RULES)), "score rules")
    found = {
        (source, rule): scores_of_parts(rule, map(SOURCES[source], evidence), [*parts.values()], labelled, scores)
        for source, rule in rules
    }
    if calibration is None:
        # Of one fold only, also where both others could be asked: what is chosen for a fold by decisions about the next
        # must not have been told its labels through the thresholds of the next.
        known = {part: (candidates["split"] == next_part(part)).to_numpy() for part in parts}
        of_parts = {part: _choose(found, used, known[part], thresholds or {}) for part in parts}
    else:
        of_parts = {EVALUATION: _given(calibration)}
    measured = {EVALUATION: judged(candidates["split"])}
    if CALIBRATION in set(candidates["split"]):
        measured[CALIBRATION] = (candidates["split"] == CALIBRATION).to_numpy()
    metrics, chosen = [], []
    for at in of_parts[next(iter(of_parts))]:
        cuts = {part: outcomes[at] for part, outcomes in of_parts.items()}
        chosen += [(*at, part, *outcome) for part, outcome in cuts.items()]
        cut = _cut_of_each(cuts, parts)
        for name, own in reversed(measured.items()):
            metrics.append((*at, name, *measure(used[own], found[at[:2]][own], cut[own]).values()))
    scored = [candidates.assign(source=at[0], rule=at[1], score=values) for at, values in found.items()]
    return Evaluation(
        pd.concat(scored, ignore_index=True),
        pd.DataFrame(chosen, columns=THRESHOLDS.names[-6:]),
        pd.DataFrame(metrics, columns=MEASURED.names[4:]),
    )


def scores_of_parts(
    rule: str,
    evidence: Iterable[Evidence],
    parts: Sequence[np.ndarray],
    labelled: np.ndarray,
    parameters: Mapping[str, float] | None,
) -> np.ndarray:
    """Score all R candidates by what is known about all of them at once, or by ranks within each of several parts.

    Args:
        rule: One of `genprint.scoring.scores.SCORE_RULES`.
        evidence: About all candidates, or about those of each part.
        parts: Which candidates are of each part, bool (R,).
        labelled: Those that ranks are among, bool (R,).
        parameters: As in `evaluate`.
    """
    every = [score_by(rule, one, parameters) for one in evidence]
    if len(every) == 1:
        return every[0]
    ranks = np.full(len(labelled), np.nan)
    for own, values in zip(parts, every, strict=True):
        ranks[own] = rank_among(values, values[labelled[own]])
    return ranks


def rank_among(score: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return (others below + half of the equal ones) / number of others, 0..1, of each score; NaN for NaN."""
    ascending = np.sort(others[~np.isnan(others)])
    below, not_above = (np.searchsorted(ascending, score, side) for side in ("left", "right"))
    return np.where(np.isnan(score), np.nan, ratio(below + not_above, 2 * ascending.size))


def _cut_of_each(cuts: Mapping[str, tuple[float, str | None]], parts: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return the threshold of every candidate, that of its part; of no part that is judged, the first one."""
    cut = np.full(len(next(iter(parts.values()))), next(iter(cuts.values()))[0])
    for part, own in parts.items():
        cut[own] = cuts[part][0]
    return cut


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
    parts = list(dict.fromkeys(chosen["part"]))
    if GENERATED not in set(chosen["source"]):
        raise ValueError(
            f"no threshold by {threshold_rule!r} for scores by {rule!r}; write a threshold rule among "
            f"{', '.join(THRESHOLD_RULES)} and a score rule among {', '.join(SCORE_RULES)}"
        )
    rows = scores[scores["rule"] == rule]
    # Images of no part that is judged are decided by the threshold of the first: those without a label, and those that
    # the threshold was chosen on.
    rows = rows.assign(part=rows["split"].where(rows["split"].isin(parts), parts[0]))
    rows = rows.merge(chosen[["source", "part", "threshold"]], on=["source", "part"], how="left").drop(columns="part")
    return rows.assign(decision=decide(rows["score"].to_numpy(), rows["threshold"].to_numpy()))


def with_copies(decisions: pd.DataFrame, copied: Collection[str]) -> pd.DataFrame:
    """Decide "used" about every image that has a copy in the release, whatever its score.

    Args:
        decisions: `decisions`.
        copied: ids of the real images that have one.
    """
    return decisions.assign(decision=decisions["decision"].mask(decisions["image_id"].isin(copied), 1.0))


def _candidates(evidence: Sequence[Evidence], images: pd.DataFrame, *, calibrated_elsewhere: bool) -> pd.DataFrame:
    columns = images.loc[images["label"] != "held_out", ["image_id", "group", "label", "split"]]
    known = sum(len(one.distance_generated) for one in evidence)
    if known != len(columns):
        raise ValueError(
            f"{len(columns)} candidates, but evidence about {known}; "
            "pass evidence from the matrices and labels of the same images"
        )
    labelled = columns["label"].isin(("used", "not_used"))
    split = columns["split"].astype(object).where(labelled, None)
    if calibrated_elsewhere:
        split = split.mask(labelled, EVALUATION)
    stray = labelled & split.isna()
    if stray.any():
        raise ValueError(
            f"labelled images without a split: {', '.join(columns['image_id'][stray])}; "
            "give each one calibration or evaluation or a fold, or name a data set that calibrates this one"
        )
    return columns.assign(split=split)


def _choose(
    found: Mapping[tuple[str, str], np.ndarray], used: np.ndarray, known: np.ndarray, parameters: Mapping[str, float]
) -> dict[Combination, tuple[float, str | None]]:
    """Return the threshold, or NaN and the reason, of every combination, from the images whose labels are known."""
    chosen = {}
    for (source, rule), values in found.items():
        calibration = Calibration(values[known], used[known], found[REAL_ONLY, rule][known])
        for threshold_rule in THRESHOLD_RULES:
            try:
                threshold, reason = threshold_by(threshold_rule, calibration, parameters), None
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
