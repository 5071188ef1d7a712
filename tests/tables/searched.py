"""What a search for copies says of a data set, in few columns."""

import pandas as pd


def searched(dataset="a", **changes):
    """A row of the table of copies: none was found."""
    nothing = {
        "dataset": dataset,
        "n_copies": 0,
        "n_mem": 0,
        "patients_exposed": 0,
        "patients_copied": 0,
        "unused_images_copied": 0,
        "exact_copies": 0,
        "generated_images": 300,
        "real_images": 40,
        "patients": 20,
        "patients_known": True,
        "least_copy_similarity": None,
        "largest_copy_similarity": None,
        "false_discovery_rate": None,
        "tail_held": True,
        "chance": "not used",
        "reason": "",
        "labels_swapped": False,
        "left_out": "",
        "alike": "",
        "repeated": "",
    }
    return pd.DataFrame([nothing | changes])


def spikes(dataset="a", *, recovered=38):
    """Of 40 shifted copies so many would have been found."""
    row = {"kind": "shift", "strength": "0.1", "n": 40, "recovered": recovered, "share": recovered / 40}
    rows = pd.DataFrame([row, row | {"kind": "all", "strength": ""}])
    return rows.assign(dataset=dataset, low=rows["share"] - 0.05, high=rows["share"])


def blind(dataset="a", *, p=0.6):
    """What a classifier of the real images says."""
    return pd.DataFrame([{"dataset": dataset, "auc": 0.8, "p": p, "n_used": 20, "n_not_used": 20, "reason": ""}])
