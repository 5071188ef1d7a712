"""The winners of a sweep: the best combination of a data set, as chosen on other images or on those it is judged by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pandas as pd

from genprint.columns import DATASET, NUMBER, P_CORRECTED, RULE, RUN, TEXT, P, column, schema
from genprint.inference.permutation import auc_of_labels, kappa_of_labels
from genprint.scoring.evaluation import CALIBRATION, EVALUATION, GENERATED, REAL_ONLY, rank_among

TESTED = ("auc", "kappa")
COMBINATION = ("variant", "encoder", "similarity", "rule", "threshold_rule")

SELECTION = schema(
    "the best combination by AUC and by kappa, as chosen on other images and on those that it is judged by",
    DATASET,
    column("metric", TEXT, "auc or kappa"),
    column("chosen_on", TEXT, "where the combination is the best: calibration (images not judged by it) or evaluation"),
    column("part", TEXT, "the images it was chosen for: evaluation, or a fold, for which the next one chose"),
    *(*RUN, RULE),
    column("threshold_rule", TEXT, "threshold rule; null for the AUC, which is of the ranking before any threshold"),
    column("calibration", NUMBER, "the metric on the images that it was chosen on"),
    column("value", NUMBER, "the metric on all images that are judged, by what was chosen for each"),
    column("low", NUMBER, "lower bound of the 95 % interval of the value"),
    column("high", NUMBER, "upper bound of the 95 % interval of the value"),
    *(P, P_CORRECTED),
    column("recall_at_1_percent_fpr", NUMBER, "the share of used images found at 1 % false positives; of the AUC"),
    column("patients_at_1_percent_fpr", NUMBER, "the number of patients that these are of"),
    column("real_only", NUMBER, "the AUC of the same rule without any generated image"),
    column("gain", NUMBER, "what the AUC has above it"),
    column("gain_low", NUMBER, "lower bound of its 95 % interval"),
    column("gain_high", NUMBER, "upper bound of its 95 % interval"),
)
Row = dict[str, object]


def selection(combinations: pd.DataFrame, chosen: Sequence[Row], observed: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Put what was chosen on other images beside what is the best on those that are judged.

    Args:
        combinations: By `genprint.inference.significance.SIGNIFICANCE`, one row for each combination.
        chosen: Rows by `SELECTION` of what was chosen on other images: `best_on`, or of each fold.
        observed: The metrics in `TESTED` and ``tpr_at_1_percent_fpr`` of the combinations on the images judged.

    Returns:
        By `SELECTION` without dataset; of equally good combinations, the first.
    """
    rows = []
    for metric in TESTED:
        rows += [row for row in chosen if row["metric"] == metric]
        best = _first_best(_of_generated(combinations, observed[metric]))
        rows.append(_row(combinations, observed, metric, best) | {"chosen_on": EVALUATION, "calibration": np.nan})
    return pd.DataFrame(rows, columns=SELECTION.names[1:])


def best_on(
    combinations: pd.DataFrame, calibration: Mapping[str, np.ndarray], observed: Mapping[str, np.ndarray]
) -> list[Row]:
    """Return the best combination of the generated images on the calibration half, by each metric in `TESTED`.

    Args:
        combinations, observed: As in `selection`.
        calibration: The tested metrics of the combinations on the calibration half.
    """
    rows = []
    for metric in TESTED:
        best = _first_best(_of_generated(combinations, calibration[metric]))
        value = np.nan if best is None else calibration[metric][best]
        row = _row(combinations, observed, metric, best)
        rows.append(row | {"chosen_on": CALIBRATION, "calibration": value})
    return rows


class Chosen(NamedTuple):
    """What was chosen for each fold, as it judges all images."""

    names: list[Row]
    """`COMBINATION` of each fold, and ``calibration``, the metric that it was chosen for."""
    score: np.ndarray
    """Of the n images, by the combination of the fold of each; ranks within folds if these are several."""
    real_only: np.ndarray
    """The same without any generated image."""
    decision: np.ndarray
    """1 used, 0 not used, NaN undecided (n,)."""
    learnt: bool
    """Whether a trained encoder decides what any of them compares."""


class _Best(NamedTuple):
    """The best combination for a fold so far."""

    value: float
    combination: Row
    score: np.ndarray
    real_only: np.ndarray
    decision: np.ndarray
    learnt: bool


@dataclass
class Choice:
    """The best combination of generated images for each fold, by its metrics on the next one."""

    used: np.ndarray
    """Whether each of the n images was used."""
    folds: np.ndarray
    """The fold of each, from 0 on."""
    _best: dict[tuple[str, int], _Best] = field(default_factory=dict)

    def offer(
        self,
        names: Mapping[str, str],
        at: Sequence[tuple[str, str]],
        threshold_rules: Sequence[str],
        score: np.ndarray,
        decision: np.ndarray,
        learnt: bool,
    ) -> None:
        """Offer the C combinations of a run; of equally good ones, the first that was offered is chosen.

        Args:
            names: variant, encoder and similarity of the run.
            at: Source and score rule of each combination.
            threshold_rules: The threshold rule of each.
            score: Of every image by each (n, C); out of fold.
            decision: Of every image by each (n, C).
            learnt: Whether a trained encoder decides what the run compares.
        """
        generated = np.array([source == GENERATED for source, _ in at])
        for fold in range(self.folds.max() + 1):
            known = self.folds == (fold + 1) % (self.folds.max() + 1)
            values = {
                "auc": auc_of_labels(self.used[None, known], score[known])[0],
                "kappa": kappa_of_labels(self.used[None, known], decision[known])[0],
            }
            for metric, of_all in values.items():
                place = _first_best(np.where(generated, of_all, np.nan))
                before = self._best.get((metric, fold))
                if place is None or (before is not None and of_all[place] <= before.value):
                    continue
                rule = at[place][1]
                threshold_rule = None if metric == "auc" else threshold_rules[place]
                combination: Row = {**names, "rule": rule, "threshold_rule": threshold_rule}
                own = score[:, place], score[:, at.index((REAL_ONLY, rule))], decision[:, place]
                self._best[metric, fold] = _Best(of_all[place], combination, *own, learnt)

    def chosen(self, metric: str) -> Chosen | None:
        """Return what was chosen by a metric; None if it is defined for no combination on some fold."""
        folds = range(self.folds.max() + 1)
        if any((metric, fold) not in self._best for fold in folds):
            return None
        best = [self._best[metric, fold] for fold in folds]
        names = [one.combination | {"calibration": one.value} for one in best]
        same = all(one.combination == best[0].combination for one in best)
        score, real_only, decision = (np.full(len(self.used), np.nan) for _ in range(3))
        for fold, one in enumerate(best):
            own = self.folds == fold
            for to, values in ((score, one.score), (real_only, one.real_only)):
                to[own] = values[own] if same else rank_among(values[own], values[own])
            decision[own] = one.decision[own]
        return Chosen(names, score, real_only, decision, any(one.learnt for one in best))


def _row(combinations: pd.DataFrame, observed: Mapping[str, np.ndarray], metric: str, best: int | None) -> Row:
    """The row of a combination on the images judged, without where it was chosen."""
    row: Row = {"metric": metric, "part": EVALUATION} | dict.fromkeys(COMBINATION)
    if best is None:
        return row
    at = combinations.iloc[best]
    row |= {name: at[name] for name in COMBINATION}
    row["value"] = observed[metric][best]
    row |= {name: at[f"{metric}_{name}"] for name in ("low", "high", "p", "p_corrected")}
    if metric == "auc":  # of a ranking, before any threshold
        keys = ["variant", "encoder", "similarity", "rule"]
        control = (combinations["source"] == REAL_ONLY) & (combinations[keys] == at[keys]).all(axis=1)
        row |= {
            "threshold_rule": None,
            "recall_at_1_percent_fpr": observed["tpr_at_1_percent_fpr"][best],
            "patients_at_1_percent_fpr": at["patients_at_1_percent_fpr"],
            "real_only": observed["auc"][np.flatnonzero(control)[0]],
            "gain": at["auc_gain"],
            "gain_low": at["auc_gain_low"],
            "gain_high": at["auc_gain_high"],
        }
    return row


def _of_generated(combinations: pd.DataFrame, values: np.ndarray) -> np.ndarray:
    return np.where(combinations["source"] == GENERATED, values, np.nan)


def _first_best(values: np.ndarray) -> int | None:
    if np.isnan(values).all():
        return None
    return int(np.nanargmax(values))
