"""The run of each data set that figures and report look at closely, and the images it puts most at risk.

A benchmark has hundreds of runs; what they find on the images that are judged must not decide which of them is looked
at. Under cross-fitting each fold may have another one.
"""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from genprint import columns
from genprint.columns import NUMBER, column, schema
from genprint.scoring.evaluation import CALIBRATION, GENERATED, rank_among
from genprint.scoring.evidence import NEAREST_COLUMNS
from genprint.scoring.patients import patient_scores

RUN = ["variant", "encoder", "similarity"]

DECISIONS = schema(
    "each candidate and source, by the run that is best on other images than these",
    *(columns.DATASET, *columns.RUN, columns.RULE, columns.THRESHOLD_RULE),
    *(columns.IMAGE_ID, columns.GROUP, columns.LABEL, columns.SPLIT, columns.SOURCE, columns.SCORE, columns.THRESHOLD),
    column("decision", NUMBER, "1 used, 0 not used, null undecided"),
    *NEAREST_COLUMNS,
)

KINDS = {
    "used": "known: the generator was trained on the used images",
    "other": "negative control: the generator was trained on other patients",
}


def chosen_combinations(selection: pd.DataFrame) -> dict[str, dict[str, str]]:
    """Return the combination with the largest AUC on other images, for each part that is judged; none if none is.

    A combination is variant, encoder, similarity and rule; ``selection`` is that of `genprint.inference.significance`
    of one data set.
    """
    chosen = selection[(selection["metric"] == "auc") & (selection["chosen_on"] == CALIBRATION)]
    chosen = chosen[chosen["rule"].notna()]
    return dict(zip(chosen["part"], chosen[[*RUN, "rule"]].to_dict("records"), strict=True))


def joined(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Put together what several combinations decide, each about its own part.

    Scores of different combinations do not compare, so they and the thresholds become ranks among the labelled images
    of the part and source (`genprint.scoring.evaluation.rank_among`). Images of no part go with the first.

    Args:
        tables: Decisions of one combination about all candidates, of each part.
    """
    if len({_combination(table) for table in tables.values()}) == 1:
        return next(iter(tables.values()))
    pieces = []
    for place, (part, table) in enumerate(tables.items()):
        own = table["split"] == part
        rest = ~table["split"].isin(list(tables)) if place == 0 else False
        for source, rows in table[own | rest].groupby("source", sort=False):
            known = table.loc[own & (table["source"] == source), "score"].to_numpy(float)
            ranks = {name: rank_among(rows[name].to_numpy(float), known) for name in ("score", "threshold")}
            pieces.append(rows.assign(**ranks))
    return pd.concat(pieces).sort_index(kind="stable")


def _combination(table: pd.DataFrame) -> tuple[str, ...]:
    return tuple(table[[*RUN, "rule"]].iloc[0])


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


def patients_at_risk(decisions: Iterable[pd.DataFrame], *, count: int) -> pd.DataFrame:
    """The patients that the generated images betray most, by the mean of the three largest scores of their images.

    Patients known not to have been used are left out, and so are images that are no patient's. Columns dataset, rank,
    patient, images (that have a score), called_used (how many of them), largest and mean_of_three.
    """
    listed = []
    for table in decisions:
        rows = table[(table["source"] == GENERATED) & table["label"].isin(["used", "unknown"]) & table["score"].notna()]
        patients, member = np.unique(rows["group"].fillna(rows["image_id"]).to_numpy(str), return_inverse=True)
        largest, mean = (found[:, 0] for found in patient_scores(rows[["score"]].to_numpy(float), member))
        of_patient = pd.DataFrame(
            {
                "dataset": table["dataset"].iloc[0],
                "patient": patients,
                "images": np.bincount(member, minlength=len(patients)),
                "called_used": np.bincount(member, rows["decision"] == 1, len(patients)).astype(int),
                "largest": largest,
                "mean_of_three": mean,
            }
        )
        of_patient = of_patient.sort_values(["mean_of_three", "largest"], ascending=False, kind="stable").head(count)
        listed.append(of_patient.assign(rank=range(1, len(of_patient) + 1)))
    names = ["dataset", "rank", "patient", "images", "called_used", "largest", "mean_of_three"]
    return pd.concat(listed, ignore_index=True)[names]


def beside_controls(
    ablation: pd.DataFrame, decisions: Iterable[pd.DataFrame], blind: pd.DataFrame, datasets: Mapping[str, dict]
) -> pd.DataFrame:
    """Put the chosen runs of every data set beside the answers that need no generated image: one row each.

    Args:
        ablation: The table of all combinations.
        decisions: Of each data set; the columns dataset, variant, encoder, similarity, rule, threshold_rule.
        blind: Whether labels can be read from the real images of each (`genprint.inference.blind.BLIND`).
        datasets: The configured data sets.
    """
    keys = ["dataset", *RUN, "rule", "threshold_rule"]
    runs = pd.concat([table[keys].drop_duplicates() for table in decisions], ignore_index=True)
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
