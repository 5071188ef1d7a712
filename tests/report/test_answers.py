import numpy as np
import pandas as pd

from genprint.report.answers import answers
from genprint.tables.table import Table

VERDICT = {"dataset": "d", "kind": "copies", "verdict": "copies found"}


def tables(**changes):
    found = {
        "verdicts": [VERDICT | {"auc": 0.61, "auc_low": 0.5, "auc_high": 0.7}],
        "copies": [
            {"dataset": "d", "n_copies": 3, "generated_images": 1300, "tail_held": True},
            {"dataset": "e", "n_copies": 9, "generated_images": 9, "tail_held": True},
        ],
        "exposed": [{"dataset": "d", "unit": "patient", "id": "p7"}, {"dataset": "d", "unit": "image", "id": "i3"}],
        "spikes": [
            {"dataset": "d", "kind": "blur", "n": 4, "share": 0.5, "low": 0.2, "high": 0.8},
            {"dataset": "d", "kind": "all", "n": 40, "share": 0.958, "low": 0.85, "high": 0.99},
        ],
    } | changes
    return {name: Table(name, (), pd.DataFrame(rows)) for name, rows in found.items() if rows is not None}


def test_a_line_says_whose_scans_what_to_withhold_and_what_was_missed():
    (answer,) = answers(tables())
    assert answer.whose == "p7"
    assert answer.withhold == "3 of 1,300"
    assert answer.recovered == "96 [85, 99] % of copies"
    assert answer.membership == "AUC 0.61 [0.50, 0.70]"


def test_three_patients_are_named_and_the_others_counted():
    exposed = [{"dataset": "d", "unit": "patient", "id": f"p{number}"} for number in range(1003)]
    assert answers(tables(exposed=exposed))[0].whose == "p0, p1, p2 and 1,000 more"
    nobody = pd.DataFrame(columns=["dataset", "unit", "id"])
    assert answers(tables(exposed=nobody))[0].whose == "nobody’s that was found"


def test_what_was_not_measured_is_not_made_up():
    spikes = [{"dataset": "d", "kind": "all", "n": 0, "share": np.nan, "low": np.nan, "high": np.nan}]
    verdict = [{"dataset": "d", "kind": "cannot-say", "verdict": "cannot say", "auc": np.nan}]
    (answer,) = answers(tables(spikes=spikes, verdicts=verdict))
    assert (answer.recovered, answer.membership) == ("not measured", "")
    (answer,) = answers(tables(copies=None, exposed=None, spikes=None))
    assert (answer.whose, answer.withhold, answer.recovered) == ("", "", "")


def test_where_chance_could_not_be_learnt_nobody_is_not_the_answer():
    nobody = pd.DataFrame(columns=["dataset", "unit", "id"])
    copies = [{"dataset": "d", "n_copies": 0, "generated_images": 9, "tail_held": False}]
    assert answers(tables(exposed=nobody, copies=copies))[0].whose.startswith("cannot say: nobody’s by equal pixels")
    named = answers(tables(copies=[copies[0] | {"n_copies": 1}]))[0]
    assert (named.whose, named.withhold) == ("p7", "1 of 9")
