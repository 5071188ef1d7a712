"""The embedded benchmark does what the README says."""

import io
import re

import pandas as pd
import pyarrow.parquet as pq
import pytest
from document_artifacts import FILES

from genprint.report.page import FIGURES

pytestmark = pytest.mark.workflow
TABLES = (
    "2024-table-1",
    "2024-table-2",
    "2024-table-3",
    "2025-table-1",
    "2025-table-2",
    "2025-table-3",
    "ablation",
    "release",
    "exposed",
    "copies",
    "spikes",
)


@pytest.fixture(scope="module")
def finished(shared_workflow):
    shared_workflow.snakemake()
    return shared_workflow


def table(finished, name):
    return pd.read_csv(io.BytesIO(finished.results("embedded", f"tables/{name}.csv").popitem()[1]))


@pytest.mark.parametrize("name", TABLES)
def test_every_table_is_filled_in_every_form(finished, name):
    assert len(table(finished, name))
    forms = finished.results("embedded", f"tables/{name}.*")
    assert {form.rpartition(".")[2] for form in forms} == {"parquet", "csv", "md", "tex"}
    assert all(len(content) > 100 for content in forms.values())


def test_the_leak_is_found_and_the_control_is_not(finished):
    ablation = table(finished, "ablation").query("encoder == 'pixels' and variant == 'original' and rule == 'max'")
    auc = ablation.groupby(["dataset", "similarity"])["auc"].first().unstack("dataset")
    assert (auc.loc[["euclidean", "cosine", "ssim", "ssim3"], "leak"] > 0.8).all()
    assert auc["control"].dropna().between(0.3, 0.7).all()


def test_the_verdicts_are_the_truth_and_the_positive_control_is_perfect(finished):
    verdicts = table(finished, "verdicts").set_index("dataset")
    kinds = {
        "leak": "leak",
        "three-scans": "copies",
        "few-patients": "copies",
        "copies": "copies",
        "control": "nothing",
    }
    assert verdicts["kind"].to_dict() == kinds and list(verdicts.index) == list(kinds)
    assert verdicts.loc[["leak", "three-scans", "copies", "control"], "n_copies"].tolist() == [0, 3, 200, 0]
    assert verdicts.loc[["few-patients", "copies"], "text"].str.contains("Membership: leak detected").all()
    assert "Membership: nothing detected" in verdicts.loc["three-scans", "text"]
    assert "% copies would have been detected with 95 % power" in verdicts.loc["control", "text"]
    assert verdicts.loc["copies", ["auc", "auc_high"]].tolist() == [1, 1] and verdicts.loc["copies", "auc_low"] < 1


def test_the_three_scans_are_named_with_their_patient_and_nobody_else_is(finished):
    exposed = table(finished, "exposed").query("dataset == 'three-scans'")
    (patient,) = exposed.query("unit == 'patient'")["id"]
    images = exposed.query("unit == 'image'")
    assert len(images) == 3 and set(images["patient"]) == {patient}
    release = table(finished, "release").query("dataset == 'three-scans'")
    assert len(release) == 300 and (release["action"] == "withhold").sum() == 3


def test_some_methods_see_the_leak_and_others_do_not(finished):
    rows = table(finished, "ablation").query("dataset == 'leak' and rule == 'max'")
    auc = rows.groupby(["variant", "encoder", "similarity"])["auc"].first()
    assert auc.min() < 0.7 and auc.max() > 0.85 and auc.max() < 1
    assert (auc.round(1).value_counts() <= len(auc) / 2).all()


def test_what_was_chosen_on_other_images_is_judged_by_its_own(finished):
    by_auc = table(finished, "selection").query("Dataset == 'control' and Metric == 'auc'").set_index("Chosen on")
    honest, optimistic = by_auc.loc["calibration"], by_auc.loc["evaluation"]
    assert honest["Judges"].tolist() == ["fold-1", "fold-2", "fold-3"]
    # The best on a fold is partly the best by luck, and on the others is what it is worth.
    assert honest["On calibration"].min() > honest["On evaluation"].iloc[0]
    assert optimistic["On evaluation"] > honest["On evaluation"].iloc[0]
    assert optimistic["p corrected"] > 0.05 and honest["p"].iloc[0] > 0.05


def test_other_data_is_not_compared_with_the_papers(finished):
    for name in TABLES:
        assert not [column for column in table(finished, name).columns if "reported" in column.lower()]


def test_figures_and_report_are_there(finished):
    figures = {f"figures/{name}.{form}" for name in FIGURES for form in ("png", "svg")}
    assert finished.results("embedded", "figures/*").keys() == figures
    report = finished.results("embedded", "report.html")["report.html"].decode()
    assert len(report) < 15e6
    assert 'id="verdict"' in report and 'id="galleries"' in report
    assert "cnn x ssim3" not in report or "Left out" in report


def test_every_file_is_described_and_every_table_is_what_its_schema_says(finished):
    root = finished.folder / "results/embedded"
    datasets = "|".join(table(finished, "verdicts")["dataset"])
    patterns = {kind: re.sub("<[a-z]+>", "[^/]+", kind.replace("<dataset>", f"({datasets})")) for kind in FILES}
    files = [file.relative_to(root) for file in root.rglob("*") if file.is_file()]
    for file in files:
        if not any(part.startswith(".") for part in file.parts):
            kinds = [kind for kind, pattern in patterns.items() if re.fullmatch(pattern, file.as_posix())]
            assert len(kinds) == 1, f"{file}: describe it in scripts/document_artifacts.py"
            if file.suffix == ".parquet" and file.parent.name != "tables":  # whose columns depend on what is reported
                assert pq.read_schema(root / file).equals(FILES[kinds[0]]), file
