"""Who is judged by what was learnt from whom: the parts that the labelled images of a data set are split into.

Under `halves`, what is learnt and chosen on the calibration half is judged on the evaluation half, as in the papers.
Under `cross-fit`, there are three folds, and each is judged by what was learnt and chosen on the next, so that every
image is judged once. Three is the least that this takes. With two, each would be judged by what has seen the labels of
the other, and what is chosen on one of them would look better on the other than it is: on null data, the mean AUC of
encoders that learnt from four numbers of each image was 0.58 (docs/statistics.md).
"""

from typing import Any

HALVES = ("calibration", "evaluation")
FOLDS = ("fold-1", "fold-2", "fold-3")


def split_into(settings: dict[str, Any], dataset: str) -> tuple[str, ...]:
    """Return the parts that the labelled images of a data set are split into.

    A data set that another one calibrates has none: all of it is judged. One that calibrates others has halves,
    because these are to be judged by one encoder and one threshold.
    """
    entries = settings["datasets"]
    if entries[dataset]["calibrated_by"] is not None:
        return ()
    calibrators = {entry["calibrated_by"] for entry in entries.values()}
    return HALVES if settings["protocol"] == "halves" or dataset in calibrators else FOLDS


def next_part(part: str) -> str:
    """Return the part that a part which is judged learns from."""
    if part in FOLDS:
        return FOLDS[(FOLDS.index(part) + 1) % len(FOLDS)]
    return HALVES[0]
