"""The one run of each data set that figures and report look at closely, and the images it puts most at risk.

A benchmark has hundreds of runs; what they find on evaluation images must not decide which of them is looked at.
"""

from collections.abc import Iterable, Mapping

import pandas as pd

from genprint import columns
from genprint.columns import NUMBER, column, schema
from genprint.scoring.evaluation import CALIBRATION, GENERATED
from genprint.scoring.evidence import NEAREST_COLUMNS

RUN = ["variant", "encoder", "similarity"]

DECISIONS = schema(
    "each candidate and source, by the run that is best on the calibration half",
    *(columns.DATASET, *columns.RUN, columns.RULE, columns.THRESHOLD_RULE),
    *(columns.IMAGE_ID, columns.GROUP, columns.LABEL, columns.SPLIT, columns.SOURCE, columns.SCORE, columns.THRESHOLD),
    column("decision", NUMBER, "1 used, 0 not used, null undecided"),
    *NEAREST_COLUMNS,
)

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


def with_nearest(decisions: pd.DataFrame, nearest: pd.DataFrame) -> pd.DataFrame:
    """Add the generated image nearest to each candidate, and its similarity, to the decisions of a run.

    Args:
        decisions: Of `genprint.scoring.evaluation.decisions`.
        nearest: Of the same run (`genprint.scoring.evidence.NEAREST`).

    Returns:
        By `DECISIONS`; the rows of the real-only control have no nearest generated image.
    """
    of_generated = nearest[["image_id", "nearest", "nearest_similarity"]].assign(source=GENERATED)
    return decisions.merge(of_generated, on=["image_id", "source"], how="left")


def most_at_risk(decisions: Iterable[pd.DataFrame], *, count: int) -> pd.DataFrame:
    """The candidates that the generated images betray most: of each data set the ``count`` with the largest scores.

    An image that is known to be unused is not at risk, whatever its score. Columns dataset, rank, image_id, label,
    score, threshold, called, nearest, nearest_similarity.
    """
    listed = []
    for table in decisions:
        rows = table[(table["source"] == GENERATED) & table["label"].isin(["used", "unknown"]) & table["score"].notna()]
        rows = rows.sort_values("score", ascending=False, kind="stable").head(count)
        listed.append(
            rows.assign(
                rank=range(1, len(rows) + 1),
                called=rows["decision"].map({1: "used", 0: "not used"}).fillna("undecided"),
            )
        )
    names = [
        *("dataset", "rank", "image_id", "label", "score", "threshold", "called"),
        *("nearest", "nearest_similarity"),
    ]
    return pd.concat(listed, ignore_index=True)[names]


def beside_controls(
    ablation: pd.DataFrame, decisions: Iterable[pd.DataFrame], blind: pd.DataFrame, datasets: Mapping[str, dict]
) -> pd.DataFrame:
    """Put the chosen run of every data set beside the answers that need no generated image: one row each.

    Args:
        ablation: The table of all combinations.
        decisions: Of each data set; the columns dataset, variant, encoder, similarity, rule, threshold_rule.
        blind: Whether labels can be read from the real images of each (`genprint.inference.blind.BLIND`).
        datasets: The configured data sets.
    """
    keys = ["dataset", *RUN, "rule", "threshold_rule"]
    runs = pd.concat([table[keys].head(1) for table in decisions], ignore_index=True)
    rows = runs.merge(ablation, on=keys, how="left")
    of_classifier = blind[["dataset", "auc", "p"]].rename(columns={"auc": "blind_auc", "p": "blind_p"})
    rows = rows.merge(of_classifier, on="dataset", how="left")
    sources = [datasets[name] for name in rows["dataset"]]
    truth = [KINDS.get(entry.get("trained_on", ""), "what the folders and labels say") for entry in sources]
    metrics = [
        *(
            "auc",
            "auc_low",
            "auc_high",
            "real_only_auc",
            "blind_auc",
            "blind_p",
            "kappa",
            "kappa_low",
            "kappa_high",
            "real_only_kappa",
        ),
        *("f1", "f1_low", "f1_high", "real_only_f1", "constant_used_f1"),
    ]
    sizes = ["n_used", "n_not_used"]
    names = ["dataset", "truth", *sizes, *(name for name in metrics if name in rows), *keys[1:]]
    return rows.assign(truth=truth)[names]


def explaining_triplet(decisions: pd.DataFrame) -> tuple[str, str, str]:
    """Ids of three images to explain a similarity with: used, generated, not used.

    The used image with the largest score and the generated image nearest to it; the not used image in the middle of
    the ranking of its kind. Without labels, all candidates stand in for either kind.
    """
    ranked = decisions[(decisions["source"] == GENERATED) & decisions["score"].notna()]
    ranked = ranked.sort_values("score", ascending=False, kind="stable")
    used, not_used = (
        ranked[ranked["label"] == label] if (ranked["label"] == label).any() else ranked
        for label in ("used", "not_used")
    )
    return used["image_id"].iloc[0], used["nearest"].iloc[0], not_used["image_id"].iloc[len(not_used) // 2]
