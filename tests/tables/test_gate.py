import json
from pathlib import Path

import jsonschema
import numpy as np
import pandas as pd
import pytest

from genprint.tables.gate import SCHEMA, record, refuse

ROOT = Path(__file__).resolve().parents[2]
ROW = {
    "dataset": "release",
    "kind": "nothing",
    "verdict": "nothing detected",
    "text": "Because.",
    "combination": "ssim",
    "auc": 0.5,
    "auc_low": np.nan,
    "n_used": 20,
    "n_not_used": 20,
    "n_copies": 0,
    "n_mem": 0,
    "patients_exposed": 0,
    "found_at_1_percent_fpr": pd.NA,
    "patients_at_1_percent_fpr": pd.NA,
}
COPIES = {"kind": "copies", "verdict": "copies found", "n_copies": 3}
CANNOT_SAY = {"kind": "cannot-say", "verdict": "cannot say"}
DATASETS = {"release": {"source": "folder"}, "other": {"source": "folder"}, "leak": {"source": "controlled"}}
MADE_BY = {"code": "c0de", "seed": 1, "versions": {"numpy": "2"}, "parameters": {}}


def document(**changes):
    """The record of data sets with these changes to their rows."""
    rows = pd.DataFrame([ROW | {"dataset": name} | change for name, change in changes.items()])
    rows = rows.astype({"n_copies": "Int64"})
    return record(rows, DATASETS, benchmark="audit", made_by=MADE_BY)


def test_the_record_is_what_its_schema_says_and_null_where_nothing_is_defined():
    made = json.loads(json.dumps(document(release=COPIES, leak={}), allow_nan=False))
    jsonschema.validate(made, json.loads((ROOT / SCHEMA).read_text()))
    release = made["datasets"]["release"]
    assert release["counts"]["n_copies"] == 3 and release["counts"]["found_at_1_percent_fpr"] is None
    assert release["evidence"] == {"combination": "ssim", "auc": 0.5, "auc_low": None}
    assert (release["control"], made["datasets"]["leak"]["control"]) == (False, True)


@pytest.mark.parametrize(
    ("changes", "fail_on", "named"),
    [
        ({"release": {}}, ["copies found"], None),
        ({"release": COPIES}, ["copies found"], "release (copies found)"),
        ({"release": COPIES}, ["leak detected"], None),
        ({"leak": COPIES}, ["copies found"], None),
        ({"release": COPIES, "other": CANNOT_SAY}, ["copies found"], "release (copies found):"),
        (
            {"release": COPIES, "other": CANNOT_SAY},
            ["cannot say", "copies found"],
            "release (copies found), other (cannot say):",
        ),
    ],
)
def test_the_gate_is_closed_for_what_it_fails_on_and_no_control(changes, fail_on, named):
    if named is None:
        refuse(document(**changes), fail_on)
    else:
        with pytest.raises(ValueError, match="The gate is closed for") as error:
            refuse(document(**changes), fail_on)
        assert named in str(error.value) and "results/audit/report.html" in str(error.value)
