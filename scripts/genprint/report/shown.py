"""The one run of each data set that figures and report look at closely, and the images it puts most at risk.

A benchmark has hundreds of runs; what they find on evaluation images must not decide which of them is shown.
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from genprint.scoring.evaluation import CALIBRATION, GENERATED, REAL_ONLY
from genprint.scoring.thresholds import decide

RUN = ["variant", "encoder", "similarity"]
SHOWN = ["image_id", "group", "label", "split", "source", "score"]

KINDS = {
    "used": "known: the generator was trained on the used images",
    "other": "negative control: the generator was trained on other patients",
}


def chosen_combination(selection: pd.DataFrame) -> dict[str, str] | None:
    """The combination with the largest AUC on calibration images: variant, encoder, similarity, rule; None if none.

    ``selection`` is that of `genprint.inference.significance` of one data set.
    """
    chosen = selection[(selection["metric"] == "auc") & (selection["chosen_on"] == CALIBRATION)]
    chosen = chosen.loc[chosen["rule"].notna(), [*RUN, "rule"]]
    return chosen.iloc[0].to_dict() if len(chosen) else None


def decided(
    scores: pd.DataFrame,
    thresholds: pd.DataFrame,
    nearest_similarity: np.ndarray,
    nearest: np.ndarray,
    generated_ids: Sequence[str],
    real_ids: Sequence[str],
    *,
    rule: str,
    threshold_rule: str,
) -> pd.DataFrame:
    """Every candidate of a run: its score, what is decided, and the generated image most similar to it.

    Args:
        scores, thresholds: Tables of the run (`genprint.scoring.evaluation.Evaluation`).
        nearest_similarity: (N,) of the N real images with the generated image most similar to each; NaN without any.
        nearest: (N,), positions of these among the generated images; -1 without any.
        generated_ids, real_ids: Ids of the images on both sides.
        rule, threshold_rule: The score rule and the threshold rule.

    Returns:
        `SHOWN`, threshold, decision (1 used, 0 not used, NaN undecided), nearest (the id), nearest_similarity; first
        for the generated images, then for the real-only control, which has no nearest generated image.
    """
    chosen = thresholds[(thresholds["rule"] == rule) & (thresholds["threshold_rule"] == threshold_rule)]
    threshold_of = dict(zip(chosen["source"], chosen["threshold"].astype(float), strict=True))
    row_of = {name: row for row, name in enumerate(real_ids)}
    tables = []
    for source in (GENERATED, REAL_ONLY):
        table = scores.loc[(scores["source"] == source) & (scores["rule"] == rule), SHOWN]
        rows = table["image_id"].map(row_of).to_numpy()
        with_generated = source == GENERATED
        tables.append(
            table.assign(
                threshold=threshold_of[source],
                decision=decide(table["score"].to_numpy(float), threshold_of[source]),
                nearest=[generated_ids[nearest[row]] if with_generated and nearest[row] >= 0 else None for row in rows],
                nearest_similarity=nearest_similarity[rows].astype(float) if with_generated else np.nan,
            )
        )
    return pd.concat(tables, ignore_index=True)


def columns(candidates: pd.DataFrame) -> dict[str, np.ndarray]:
    """As `genprint.files.write_table` takes them: what is missing is NaN in a number and None in a text."""
    return {
        name: column.to_numpy()
        if pd.api.types.is_numeric_dtype(column)
        else column.astype(object).where(column.notna(), None).to_numpy()
        for name, column in candidates.items()
    }


def most_at_risk(shown: Iterable[pd.DataFrame], *, count: int) -> pd.DataFrame:
    """The candidates that the generated images betray most: of each data set the ``count`` with the largest scores.

    An image that is known to be unused is not at risk, whatever its score. Columns dataset, rank, image_id, label,
    score, threshold, called, nearest, nearest_similarity.
    """
    listed = []
    for table in shown:
        rows = table[(table["source"] == GENERATED) & table["label"].isin(["used", "unknown"]) & table["score"].notna()]
        rows = rows.sort_values("score", ascending=False, kind="stable").head(count)
        listed.append(
            rows.assign(
                rank=range(1, len(rows) + 1),
                called=rows["decision"].map({1: "used", 0: "not used"}).fillna("undecided"),
            )
        )
    columns = [
        *("dataset", "rank", "image_id", "label", "score", "threshold", "called"),
        *("nearest", "nearest_similarity"),
    ]
    return pd.concat(listed, ignore_index=True)[columns]


def beside_controls(
    ablation: pd.DataFrame, shown: Iterable[pd.DataFrame], datasets: Mapping[str, dict]
) -> pd.DataFrame:
    """The shown run of every data set beside the answers that need no generated image: one row each.

    Args:
        ablation: The table of all combinations.
        shown: What is shown of each data set; its columns dataset, variant, encoder, similarity, rule, threshold_rule.
        datasets: The configured data sets.
    """
    keys = ["dataset", *RUN, "rule", "threshold_rule"]
    runs = pd.concat([table[keys].head(1) for table in shown], ignore_index=True)
    rows = runs.merge(ablation, on=keys, how="left")
    sources = [datasets[name] for name in rows["dataset"]]
    truth = [KINDS.get(entry.get("trained_on", ""), "what the folders and labels say") for entry in sources]
    metrics = [
        *("auc", "auc_low", "auc_high", "real_only_auc", "kappa", "kappa_low", "kappa_high", "real_only_kappa"),
        *("f1", "f1_low", "f1_high", "real_only_f1", "constant_used_f1"),
    ]
    sizes = ["n_used", "n_not_used"]
    columns = ["dataset", "truth", *sizes, *(name for name in metrics if name in rows), *keys[1:]]
    return rows.assign(truth=truth)[columns]


def explaining_triplet(shown: pd.DataFrame) -> tuple[str, str, str]:
    """Ids of three images to explain a similarity with: used, generated, not used.

    The used image with the largest score and the generated image nearest to it; the not used image in the middle of
    the ranking of its kind. Without labels, all candidates stand in for either kind.
    """
    ranked = shown[(shown["source"] == GENERATED) & shown["score"].notna()]
    ranked = ranked.sort_values("score", ascending=False, kind="stable")
    used, not_used = (
        ranked[ranked["label"] == label] if (ranked["label"] == label).any() else ranked
        for label in ("used", "not_used")
    )
    return used["image_id"].iloc[0], used["nearest"].iloc[0], not_used["image_id"].iloc[len(not_used) // 2]
