"""The run files of a data set: the decisions of every chosen run, or why there are none."""

from collections.abc import Collection, Iterable, Sequence

import pandas as pd

from genprint.columns import COUNT, DATASET, RULE, RUN, TEXT, THRESHOLD_RULE, column, schema
from genprint.scoring.evaluation import GENERATED, decisions, with_copies
from genprint.tables.submissions import RunFormat, run_file
from genprint.tables.table import Table

RUN_FILES = schema(
    "a row for each run file that the configuration asks for, of images without labels",
    *(DATASET, *RUN, RULE, THRESHOLD_RULE),
    column("file", TEXT, "name of the run file in submissions/; null where there is none"),
    column("images", COUNT, "images without a label"),
    column("undecided", COUNT, "those among them without a decision; with any there is no run file"),
    column("reason", TEXT, "why there is no run file; null where there is one"),
)
RunFile = Sequence[str]
"""Variant, encoder, similarity, score rule, threshold rule."""


def decided(
    run_files: Sequence[RunFile],
    *,
    scores: Iterable[pd.DataFrame],
    thresholds: Iterable[pd.DataFrame],
    copied: Collection[str],
    form: RunFormat,
) -> tuple[dict[str, str], pd.DataFrame]:
    """Return the run files as text by name, and the table of all that were asked for, without dataset.

    A run that leaves an image undecided has no file, as the challenge wants a decision for each.

    Args:
        run_files: What is asked for.
        scores, thresholds: Of the run of each (`genprint.scoring.evaluation`).
        copied: Ids of the real images that have a copy in the release: they are decided as used, whatever their score.
        form: How a file is written.

    Raises:
        ValueError: Ids that the form cannot hold.
    """
    texts, rows = {}, []
    for (*run, rule, threshold_rule), own, chosen in zip(run_files, scores, thresholds, strict=True):
        decision = decisions(own, chosen, rule=rule, threshold_rule=threshold_rule)
        decision = decision[(decision["source"] == GENERATED) & (decision["label"] == "unknown")]
        decision = with_copies(decision, copied)
        undecided = int(decision["decision"].isna().sum())
        name = None
        if not undecided:
            name = "_".join([*run, rule, threshold_rule]) + ".csv"  # names of methods have no underscore
            texts[name] = run_file(decision["image_id"], decision["decision"], form)
        reason = _reason(decision, chosen, rule, threshold_rule) if undecided else None
        rows.append((*run, rule, threshold_rule, name, len(decision), undecided, reason))
    return texts, pd.DataFrame(rows, columns=RUN_FILES.names[1:], dtype=object)


def shown(tables: Iterable[pd.DataFrame]) -> Table:
    """Return the tables of all data sets as one for people; without a row if no data set has run files."""
    frame = pd.concat([pd.DataFrame(columns=RUN_FILES.names), *tables], ignore_index=True)
    keys = ("dataset", "variant", "encoder", "similarity", "rule", "threshold_rule")
    return Table("Run files", keys, frame, ("The files are in submissions/, by data set and all together as zip.",))


def _reason(decision: pd.DataFrame, thresholds: pd.DataFrame, rule: str, threshold_rule: str) -> str:
    """Say why images are undecided: no threshold, or no score."""
    own = thresholds[
        (thresholds["source"] == GENERATED)
        & (thresholds["rule"] == rule)
        & (thresholds["threshold_rule"] == threshold_rule)
        & thresholds["threshold"].isna()
    ]
    if len(own):
        return f"{threshold_rule} finds no threshold for {rule}: {own['reason'].iloc[0]}"
    unscored = list(decision.loc[decision["score"].isna(), "image_id"])
    some = ", ".join(unscored[:5]) + (f" and {len(unscored) - 5:,} more" if len(unscored) > 5 else "")
    return f"{rule} gives no score to {some}"
