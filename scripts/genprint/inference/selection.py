"""The winners of a sweep: the best combination of a data set, as chosen on either half of the images."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from genprint.columns import DATASET, NUMBER, P_CORRECTED, RULE, RUN, TEXT, P, column, schema
from genprint.scoring.evaluation import CALIBRATION, EVALUATION, GENERATED

TESTED = ("auc", "kappa")
COMBINATION = ("variant", "encoder", "similarity", "rule", "threshold_rule")

SELECTION = schema(
    "the best combination by AUC and by kappa, as chosen on either half",
    DATASET,
    column("metric", TEXT, "auc or kappa"),
    column("chosen_on", TEXT, "the half that the combination is the best on: calibration or evaluation"),
    *(*RUN, RULE),
    column("threshold_rule", TEXT, "threshold rule; null for the AUC, which is of the ranking before any threshold"),
    column("calibration", NUMBER, "the metric on the calibration half"),
    column("value", NUMBER, "the metric on the evaluation half"),
    column("low", NUMBER, "lower bound of the 95 % interval of the value"),
    column("high", NUMBER, "upper bound of the 95 % interval of the value"),
    *(P, P_CORRECTED),
)


def selection(
    combinations: pd.DataFrame, calibration: Mapping[str, np.ndarray], observed: Mapping[str, np.ndarray]
) -> pd.DataFrame:
    """Choose the best combination of the generated images by each metric in `TESTED`, on either half.

    Args:
        combinations: By `genprint.inference.significance.SIGNIFICANCE`, one row for each combination.
        calibration: The tested metrics of these rows on the calibration half.
        observed: The same on the evaluation half.

    Returns:
        Two rows for each metric, by `SELECTION` without dataset; of equally good combinations, the first.
    """
    rows = []
    for metric in TESTED:
        figures = {
            "calibration": calibration[metric],
            "value": observed[metric],
            **{name: combinations[f"{metric}_{name}"] for name in ("low", "high", "p", "p_corrected")},
        }
        for chosen_on, values in ((CALIBRATION, calibration[metric]), (EVALUATION, observed[metric])):
            best = _first_best(np.where(combinations["source"] == GENERATED, values, np.nan))
            names = {name: None if best is None else combinations[name][best] for name in COMBINATION}
            if metric == "auc":  # of a ranking, before any threshold
                names["threshold_rule"] = None
            numbers = {name: np.nan if best is None else every[best] for name, every in figures.items()}
            rows.append({"metric": metric, "chosen_on": chosen_on, **names, **numbers})
    return pd.DataFrame(rows)


def _first_best(values: np.ndarray) -> int | None:
    if np.isnan(values).all():
        return None
    return int(np.nanargmax(values))
