import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from genprint.files import read_origin
from genprint.scoring.controls import ANSWERS, constant_used
from genprint.scoring.metrics import COUNTS, METRICS
from genprint.tables.papers import (
    table_2024_1,
    table_2024_2,
    table_2024_3,
    table_2025_1,
    table_2025_2,
    table_2025_3,
)
from genprint.tables.protocol import NO_LABELS, Protocol
from genprint.tables.results import ablation, verdicts
from genprint.tables.table import REPORTED_ONLY, Table, compare, interval, load, render, store

from .searched import blind, searched, spikes

REPORTED = Path(__file__).resolve().parents[2] / "config" / "reported"
CONSTANT_USED, CONSTANT_NOT_USED, RANDOM = ANSWERS
PROTOCOL = Protocol("max", "best-f1")


def run_rows(dataset, evaluation, *, control=0.25, calibration=None, n=(10, 10), rule="max", **run):
    """Metric rows of one run: every metric has the same value; ``evaluation`` None is a data set without labels."""
    run = {
        "report_as": None,
        "variant": "original",
        "variant_method": run.get("variant", "original"),
        "encoder": "pixels",
        "encoder_method": run.get("encoder", "pixels"),
        "similarity": "ssim",
        "calibrated_by": None,
        "variant_random": run.get("variant_method") == "gaussian-noise",
    } | run
    n_used, n_not_used = n if evaluation is not None else (0, 0)
    values = {
        ("generated", "evaluation"): np.nan if evaluation is None else evaluation,
        ("real-only", "evaluation"): np.nan if evaluation is None else control,
        ("generated", "calibration"): calibration,
    }
    for (source, split), value in values.items():
        if value is not None:
            counts = dict.fromkeys(COUNTS, 0) | {"n": n_used + n_not_used, "n_used": n_used, "n_not_used": n_not_used}
            names = {"source": source, "rule": rule, "threshold_rule": "best-f1", "split": split}
            yield {"dataset": dataset, **run, **names, **counts, **dict.fromkeys(METRICS, value)}


def frame_of(*runs):
    return pd.DataFrame([row for rows in runs for row in rows])


def cells(table, *columns):
    return table.frame[list(columns)].values.tolist()


# The tables of 2024


def statistics(dataset, report_as, mean, subsets=("Real-Real", "Generated-Used")):
    return pd.DataFrame(
        {
            "dataset": dataset,
            "report_as": report_as,
            "subset": list(subsets),
            "pairs": [10, 0] if mean is None else 10,
            "mean": mean or 0.5,
            "minimum": 0.1,
            "maximum": 0.8,
        }
    )


def test_2024_1_averages_data_sets_of_one_name_and_has_a_scale():
    both = pd.concat([statistics("a", "development", 0.4), statistics("b", "development", 0.5)])
    columns = ("Dataset", "Subset", "Average SSIM", "Minimum SSIM", "Maximum SSIM")
    assert cells(table_2024_1(both, scale=30), *columns) == [
        ["development", "Real-Real", pytest.approx(13.5), pytest.approx(3), pytest.approx(24)],
        ["development", "Generated-Used", pytest.approx(13.5), pytest.approx(3), pytest.approx(24)],
    ]
    assert table_2024_1(both, scale=1).frame["Average SSIM"].tolist() == pytest.approx([0.45, 0.45])


def test_2024_1_leaves_out_subsets_without_pairs():
    assert cells(table_2024_1(statistics("t", None, None)), "Dataset", "Subset") == [["t", "Real-Real"]]


def test_2024_1_is_compared_on_the_scale_of_the_paper_only():
    reported = pd.read_csv(REPORTED / "2024-table-1.csv")
    compared = compare(table_2024_1(statistics("a", "development", 0.4), scale=30), reported).frame
    first = compared.iloc[0]
    assert first["Average SSIM difference"] == pytest.approx(12 - 12.9)
    on_other_scale = compare(table_2024_1(statistics("a", "development", 0.4), scale=1), reported).frame
    assert on_other_scale["Average SSIM difference"].isna().all()


def test_2024_2_averages_data_sets_and_has_a_row_for_each_noise():
    metrics = frame_of(
        run_rows("a", 0.6, report_as="development", variant="weak", variant_method="gaussian-noise"),
        run_rows("a", 0.5, report_as="development", control=0.1),
        run_rows("b", 0.7, report_as="development", control=0.2),
        run_rows("b", 0.8, report_as="development", variant="weak", variant_method="gaussian-noise"),
        run_rows("a", 0.9, report_as="development", variant="dog"),
        run_rows("a", 0.9, report_as="development", encoder="cnn"),
        run_rows("a", 0.9, report_as="development", rule="nndr"),
    )
    table = table_2024_2(metrics, PROTOCOL)
    assert cells(table, "Dataset", "Noise", "Variant", "Similarity", "F1", "Real-only F1") == [
        ["development", "w/o", "original", "ssim", pytest.approx(0.6), pytest.approx(0.15)],
        ["development", "w/ gaussian-noise", "weak", "ssim", pytest.approx(0.7), 0.25],
        ["development", "", "", CONSTANT_USED, pytest.approx(2 / 3), pytest.approx(np.nan, nan_ok=True)],
        ["development", "", "", CONSTANT_NOT_USED, 0, pytest.approx(np.nan, nan_ok=True)],
        ["development", "", "", RANDOM, 0.5, pytest.approx(np.nan, nan_ok=True)],
    ]


def test_a_mean_over_data_sets_is_null_if_one_of_them_is():
    metrics = frame_of(run_rows("a", 0.5, report_as="x"), run_rows("b", np.nan, report_as="x"))
    assert np.isnan(table_2024_2(metrics, PROTOCOL).frame["F1"][0])


def test_2024_3_numbers_the_data_sets_and_has_their_mean():
    metrics = frame_of(
        run_rows("second", 0.5, report_as="test", n=(30, 10)),
        run_rows("first", 0.7, report_as="test"),
        run_rows("alone", 0.9),
    )
    table = table_2024_3(metrics, PROTOCOL)
    constant = constant_used(30, 10)["f1"]
    found = [
        row for row in cells(table, "Dataset", "Similarity", "Task", "Name", "F1") if row[1] in ("ssim", CONSTANT_USED)
    ]
    assert found == [
        ["test", "ssim", "1", "second", 0.5],
        ["test", "ssim", "2", "first", 0.7],
        ["test", "ssim", "mean", "", pytest.approx(0.6)],
        ["test", CONSTANT_USED, "1", "second", pytest.approx(constant)],
        ["test", CONSTANT_USED, "2", "first", pytest.approx(2 / 3)],
        ["test", CONSTANT_USED, "mean", "", pytest.approx((constant + 2 / 3) / 2)],
        ["alone", "ssim", "1", "alone", 0.9],
        ["alone", CONSTANT_USED, "1", "alone", pytest.approx(2 / 3)],
    ]


# The tables of 2025


def test_2025_1_counts_images():
    counts = pd.DataFrame(
        [("train", "used", 100), ("train", "generated", 5000), ("train", "not_used", 90), ("test", "unknown", 500)],
        columns=["dataset", "label", "images"],
    ).assign(report_as=None)
    assert table_2025_1(counts).frame.values.tolist() == [
        ["train", "train", 100, 90, 0, 0, 190, 5000],
        ["test", "test", 0, 0, 500, 0, 500, 0],
    ]
    compared = compare(table_2025_1(counts), pd.read_csv(REPORTED / "2025-table-1.csv"))
    assert compared.frame["Not used difference"].tolist() == [-10, pd.NA]
    assert ",90,100,-10," in render(compared)["csv"]


def test_rows_that_are_reported_are_printed_with_those_of_ours_that_were_not():
    ours = pd.DataFrame({"key": ["a", "b"], "f1": [0.5, 0.6]})
    table = Table("A table", ("key",), ours, printed=ours["key"] == "a")
    assert "| b" not in render(table)["md"] and "b,0.6" in render(table)["csv"]
    compared = render(compare(table, pd.DataFrame({"key": ["c", "a"], "f1": [0.7, 0.4]})))
    assert all(f"| {key} " in compared["md"] for key in "abc")


def test_2025_2_has_the_parameters_as_really_used():
    parameters = pd.DataFrame(
        [
            {"variant": "original", "method": "original", "parameters": {}},
            {"variant": "smooth", "method": "gaussian", "parameters": {"size": 5, "equalize": True}},
        ]
    )
    table = compare(table_2025_2(parameters), pd.read_csv(REPORTED / "2025-table-2.csv"))
    first = table.frame.iloc[0]
    assert first["Parameters"] == "size=5, equalize=true"
    assert first["Parameters reported"] == "kernel size=(5,5)"
    assert table.frame["Method"].tolist() == ["gaussian", "laplacian", "hessian", "bilateral"]


def test_2025_3_shows_the_variant_that_is_best_on_calibration_images():
    metrics = frame_of(
        run_rows("train", 0.9, calibration=0.1, encoder="cnn", variant="dog"),
        run_rows("train", 0.4, calibration=0.3, encoder="cnn", variant="hessian"),
        run_rows("train", 0.8, calibration=np.nan, encoder="cnn", variant="laplacian"),
        # The test images take the choice of those that calibrate them, whatever their own metrics.
        run_rows("test", 0.9, calibrated_by="train", encoder="cnn", variant="dog"),
        run_rows("test", 0.1, calibrated_by="train", encoder="cnn", variant="hessian"),
    )
    table = table_2025_3(metrics, PROTOCOL)
    assert cells(table, "Dataset", "Model", "Similarity", "Variant", "Kappa") == [
        ["train", "cnn", "ssim", "hessian", 0.4],
        *(["train", "", answer, "", 0] for answer in ANSWERS),
        ["test", "cnn", "ssim", "hessian", 0.1],
        *(["test", "", answer, "", 0] for answer in ANSWERS),
    ]
    fixed = table_2025_3(metrics, PROTOCOL._replace(variant="dog"))
    assert [name for name in fixed.frame["Variant"] if name] == ["dog", "dog"]


def test_the_first_variant_is_shown_where_none_is_better():
    metrics = frame_of(run_rows("a", 0.1, variant="z", calibration=0), run_rows("a", 0.2, variant="b", calibration=0))
    assert table_2025_3(metrics, PROTOCOL).frame["Variant"][0] == "z"


@pytest.mark.parametrize(
    ("protocol", "message"),
    [
        (PROTOCOL._replace(score_rule="maximum"), "unknown rule 'maximum'; choose one of: max, mean"),
        (PROTOCOL._replace(threshold_rule="f1"), "unknown rule 'f1'; choose one of: best-f1"),
        (
            PROTOCOL._replace(variant="dgo"),
            "no run has the variant 'dgo'; choose best-on-calibration or one of: original",
        ),
    ],
)
def test_a_protocol_that_does_not_exist(protocol, message):
    with pytest.raises(ValueError, match=message):
        table_2025_3(frame_of(run_rows("a", 0.5)), protocol)


# All combinations


def test_ablation_has_one_row_per_combination_and_both_baselines():
    metrics = frame_of(
        run_rows("a", 0.5, control=0.4, n=(15, 5), calibration=1.0),
        run_rows("a", 0.6, rule="nndr"),
        run_rows("b", None),
    )
    table = ablation(metrics, PROTOCOL).frame
    assert table[["dataset", "rule", "threshold_rule", "auc", "kappa"]].values.tolist()[:2] == [
        ["a", "max", "best-f1", 0.5, 0.5],
        ["a", "nndr", "best-f1", 0.6, 0.6],
    ]
    assert table.loc[0, [f"real_only_{name}" for name in ("auc", "f1", "kappa", "accuracy")]].tolist() == [0.4] * 4
    assert table["constant_used_f1"].tolist() == pytest.approx([6 / 7, 2 / 3, np.nan], nan_ok=True)
    assert table["Note"].tolist() == ["", "", NO_LABELS]


def test_people_get_the_combinations_by_the_rules_of_the_tables_and_programs_get_all():
    metrics = frame_of(run_rows("a", 0.5), run_rows("a", 0.6, rule="nndr"), run_rows("b", 0.7))
    text = render(ablation(metrics, PROTOCOL))
    assert len(text["csv"].splitlines()) == 1 + 3
    assert "nndr" in text["csv"] and "nndr" not in text["md"] + text["tex"]
    assert "| a " in text["md"] and "| b " in text["md"] and "ablation.csv has every combination" in text["md"]


@pytest.mark.parametrize("made", [table_2024_2, table_2024_3, table_2025_3])
def test_without_labels_the_table_says_where_the_decisions_are(made):
    text = render(made(frame_of(run_rows("test", None)), PROTOCOL))
    assert all(NO_LABELS in form for form in text.values())


# Beside the reported values


def test_reported_value_and_difference_stand_beside_every_cell():
    metrics = frame_of(run_rows("t", 0.5, report_as="test", encoder="cnn", similarity="cosine"))
    table = compare(table_2025_3(metrics, PROTOCOL), pd.read_csv(REPORTED / "2025-table-3.csv"))
    columns = [name for name in table.frame if name.startswith("Kappa")]
    assert columns == ["Kappa", "Kappa reported", "Kappa difference", "Kappa low", "Kappa high"]
    assert table.frame[columns[:3]].iloc[0].tolist() == pytest.approx([0.5, -0.068, 0.568])
    rest = table.frame.iloc[1:]
    assert rest[["Model", "Similarity", "Note"]].values.tolist() == [
        *(["", answer, ""] for answer in ANSWERS),
        ["cnn", "ssim", REPORTED_ONLY],
        ["resnet50", "jaccard", REPORTED_ONLY],
    ]
    assert rest["Kappa difference"].isna().all()
    assert rest["Kappa reported"].tolist()[3:] == [-0.032, -0.016]


def test_one_reported_row_may_stand_beside_several_of_ours():
    metrics = frame_of(
        *(
            run_rows("d", 0.5, report_as="development", variant=name, variant_method="gaussian-noise")
            for name in ("weak", "strong")
        )
    )
    compared = compare(table_2024_2(metrics, PROTOCOL), pd.read_csv(REPORTED / "2024-table-2.csv")).frame
    assert compared["F1 reported"].tolist()[:2] == [0.726, 0.726]


def test_without_reported_values_nothing_is_compared():
    table = ablation(frame_of(run_rows("a", 0.5)), PROTOCOL)
    assert compare(table, None) is table


def test_every_reported_table_fits_its_table():
    made = {
        "2024-table-1": table_2024_1(statistics("a", "development", 0.4)),
        "2024-table-2": table_2024_2(frame_of(run_rows("a", 0.5)), PROTOCOL),
        "2024-table-3": table_2024_3(frame_of(run_rows("a", 0.5)), PROTOCOL),
        "2025-table-3": table_2025_3(frame_of(run_rows("a", 0.5)), PROTOCOL),
    }
    for name, table in made.items():
        reported = pd.read_csv(REPORTED / f"{name}.csv")
        assert set(reported) <= set(table.frame), name
        assert not reported.duplicated(list(table.keys)).any(), name
        compared = compare(table, reported).frame
        assert (compared["Note"] == REPORTED_ONLY).sum() >= len(reported) - 2, name
    with pytest.raises(ValueError, match="lacks the columns Model; it has"):
        compare(made["2025-table-3"], pd.read_csv(REPORTED / "2025-table-3.csv").drop(columns="Model"))


# Rendering


def test_text_is_the_same_every_time_and_numbers_are_fixed():
    frame = pd.DataFrame(
        {"name": ["a", "b"], "value": [0.12345678, -1e-9], "value difference": [0.25, -0.5], "n": [1, 2]}
    )
    table = Table("Title", ("name",), frame, ("A note.",), digits=2)
    text = render(table)
    assert text == render(table)
    assert text["csv"] == "name,value,value difference,n\na,0.123457,0.250000,1\nb,0.000000,-0.500000,2\n"
    assert text["md"] == (
        "**Title**\n\n"
        "| name   |   value |   value difference |   n |\n"
        "|:-------|--------:|-------------------:|----:|\n"
        "| a      |    0.12 |              +0.25 |   1 |\n"
        "| b      |    0.00 |              -0.50 |   2 |\n\n"
        "A note.\n"
    )
    assert r"\caption{Title. A note.}" in text["tex"]
    assert r"\begin{tabular}{lrrr}" in text["tex"]


def test_an_interval_stands_in_brackets_behind_its_value():
    frame = pd.DataFrame({"F1": [0.5, np.nan], "F1 low": [0.4, np.nan], "F1 high": [0.6, np.nan], "low": ["x", "y"]})
    text = render(Table("Title", (), frame, digits=2))
    assert [row.strip("|").split("|")[0].strip() for row in text["md"].splitlines()[4:6]] == [
        "0.50 \\[0.40, 0.60\\]",
        "",
    ]
    assert "0.50 [0.40, 0.60] & x" in text["tex"] and "F1 low" not in text["tex"]
    assert text["csv"].splitlines()[1] == "0.500000,0.400000,0.600000,x"


def test_a_mean_over_data_sets_has_a_narrower_interval():
    rows = frame_of(run_rows("a", 0.5, report_as="x"), run_rows("b", 0.7, report_as="x"))
    rows = rows.assign(f1_low=rows["f1"] - 0.1, f1_high=rows["f1"] + 0.2, resampled=["patients", "", "images", ""])
    table = table_2024_2(rows, PROTOCOL)
    assert cells(table, "F1", "F1 low", "F1 high")[0] == pytest.approx([0.6, 0.6 - 0.1 / 2**0.5, 0.6 + 0.2 / 2**0.5])
    assert "in b assuming that images are independent" in " ".join(table.notes)


KEPT = {"a": ""}  # nothing was lost of the images
COMPARED = {"a": 1.0}  # and the generated ones are like them
SELECTED = {"dataset": "a", "variant": "original", "encoder": "pixels", "similarity": "ssim", "rule": "max"}


def judged(*, auc, p, gain_low=0.2, n=(20, 20), reversed_p=1.0, control=0.5, control_p=(1.0, 1.0)):
    rows = frame_of(run_rows("a", auc, n=n, control=control))
    of_method = rows["source"] == "generated"
    return rows.assign(
        auc_low=auc - 0.1,
        auc_high=auc + 0.05,
        auc_p_corrected=np.where(of_method, p, control_p[0]),
        reversed_auc_p_corrected=np.where(of_method, reversed_p, control_p[1]),
        auc_gain=0.3,
        auc_gain_low=gain_low,
        auc_gain_high=0.4,
        groups_used=n[0],
        groups_not_used=n[1],
        resampled="patients",
    )


def selected(value, *, gain_low=0.2, parts=("evaluation",)):
    figures = {"value": value, "low": value - 0.1, "high": value + 0.05, "real_only": 0.5, "gain": 0.3}
    figures |= {"gain_low": gain_low, "gain_high": 0.4, "recall_at_1_percent_fpr": value}
    figures |= {"patients_at_1_percent_fpr": 7}
    return pd.DataFrame(
        [
            SELECTED | {"metric": "auc", "chosen_on": chosen_on, "part": part} | figures
            for chosen_on, part in (*(("calibration", part) for part in parts), ("evaluation", "evaluation"))
        ]
    )


def test_a_verdict_has_its_figures():
    row = verdicts(judged(auc=0.9, p=0.001), selected(0.9), searched(), spikes(), blind(), COMPARED, KEPT).frame.iloc[0]
    assert row[["kind", "verdict"]].tolist() == ["leak", "leak detected"]
    assert "0.90 [0.80, 0.95]" in row["text"] and "18 of 20 used images" in row["text"]
    assert row[["auc", "auc_low", "p_corrected", "n_used"]].tolist() == pytest.approx([0.9, 0.8, 0.001, 20])


def test_a_copy_outweighs_what_averages_say():
    one = searched(
        n_copies=1,
        n_mem=1,
        patients_exposed=1,
        patients_copied=1,
        exact_copies=1,
        least_copy_similarity=1.0,
        largest_copy_similarity=1.0,
    )
    others = searched("b")
    copies, both = pd.concat([others, one]), pd.concat([spikes("b"), spikes()])
    row = verdicts(
        judged(auc=0.5, p=0.7, gain_low=-0.2),
        selected(0.5),
        copies,
        both,
        pd.concat([blind("b"), blind()]),
        COMPARED | {"b": 1.0},
        KEPT | {"b": ""},
    ).frame.iloc[0]
    assert row[["kind", "verdict"]].tolist() == ["copies", "copies found"]
    assert row["text"].startswith("1 generated image of 300 is a copy of 1 real image of 1 patient")
    assert "Membership: nothing detected." in row["text"]
    assert row[["n_copies", "n_mem", "patients_exposed"]].tolist() == [1, 1, 1]


def test_where_nothing_is_detected_it_says_which_copies_would_have_been():
    row = verdicts(
        judged(auc=0.5, p=0.7, gain_low=-0.2), selected(0.5), searched(), spikes(), blind(), COMPARED, KEPT
    ).frame.iloc[0]
    assert row["kind"] == "nothing"
    assert "No copy was found. Of 40 perturbed copies (shift)" in row["text"] and "95 % [90, 95]" in row["text"]


def test_where_copies_cannot_be_told_from_chance_nothing_can_be_said():
    unknown = searched(tail_held=False, chance="none", reason="There are 3 patients not used; add images of 5 more.")
    row = verdicts(
        judged(auc=0.5, p=0.7, gain_low=-0.2), selected(0.5), unknown, spikes(), blind(), COMPARED, KEPT
    ).frame.iloc[0]
    assert row["kind"] == "cannot-say" and "add images of 5 more" in row["text"]
    leaking = verdicts(judged(auc=0.9, p=0.001), selected(0.9), unknown, spikes(), blind(), COMPARED, KEPT).frame.iloc[
        0
    ]
    assert leaking["kind"] == "leak" and "add images of 5 more" in leaking["text"]


@pytest.mark.parametrize(("control", "p"), [(0.14, (1.0, 0.004)), (0.9, (0.004, 1.0))])
def test_labels_that_real_images_give_away_are_no_leak_whichever_side_they_are_on(control, p):
    readable = judged(auc=0.97, p=0.001, control=control, control_p=p)
    row = verdicts(readable, selected(0.97), searched(), spikes(), blind(), COMPARED, KEPT).frame.iloc[0]
    assert row["kind"] == "cannot-say"
    assert f"AUC {control:.2f} (corrected p = 0.008)" in row["text"] and "the same source" in row["text"]
    barely = judged(auc=0.97, p=0.001, control=control, control_p=[max(each, 0.0126) for each in p])
    assert (
        verdicts(barely, selected(0.97), searched(), spikes(), blind(), COMPARED, KEPT).frame["kind"].item() == "leak"
    )


def test_what_was_lost_of_the_images_stands_beside_the_verdict():
    lost = {"a": "Only 9 of 256 grey levels are left."}
    row = verdicts(
        judged(auc=0.5, p=0.7, gain_low=-0.2), selected(0.5), searched(), spikes(), blind(), COMPARED, lost
    ).frame.iloc[0]
    assert row["kind"] == "nothing" and lost["a"] in row["text"]


def test_noise_is_not_called_private():
    arguments = judged(auc=0.5, p=0.7, gain_low=-0.2), selected(0.5), searched(), spikes(), blind()
    noise, alike = (verdicts(*arguments, {"a": value}, KEPT).frame.iloc[0] for value in (0.02, 0.4))
    assert "not comparable with the real ones (fidelity 0.02;" in noise["text"] and noise["fidelity"] == 0.02
    assert "not comparable" not in alike["text"]


def test_labels_that_a_classifier_reads_are_no_leak():
    leak = judged(auc=0.97, p=0.001), selected(0.97), searched(), spikes()
    row = verdicts(*leak, blind(p=0.01), COMPARED, KEPT).frame.iloc[0]
    assert row["kind"] == "cannot-say"
    assert "a classifier that sees the real images alone has AUC 0.80 (p = 0.01)" in row["text"]
    assert verdicts(*leak, blind(p=0.03), COMPARED, KEPT).frame["kind"].item() == "leak"


def test_swapped_roles_are_told():
    row = verdicts(
        judged(auc=0.0, p=1.0, reversed_p=0.001), selected(0.0), searched(), spikes(), blind(), COMPARED, KEPT
    ).frame.iloc[0]
    assert row["kind"] == "cannot-say"
    assert "are the roles swapped? (AUC 0.00 for ssim of pixels (original)" in row["text"]


def test_what_was_chosen_for_each_fold_is_named():
    folds = selected(0.9, parts=("fold-1", "fold-2"))
    arguments = searched(), spikes(), blind(), COMPARED, KEPT
    same = verdicts(judged(auc=0.9, p=0.001), folds, *arguments).frame.iloc[0]
    assert (
        "ssim of pixels (original), score rule max, which was chosen for each fold of the patients on the next"
        in same["text"]
    )
    other = folds.assign(rule=["max", "mean", "max"])
    each = verdicts(judged(auc=0.9, p=0.001), other, *arguments).frame.iloc[0]
    assert "score rule max for fold-1; ssim of pixels (original), score rule mean for fold-2" in each["text"]


def test_a_data_set_without_labels_has_a_verdict_too():
    nothing = selected(np.nan).assign(rule=None)
    row = verdicts(frame_of(run_rows("a", None)), nothing, searched(), spikes(), blind(), COMPARED, KEPT).frame.iloc[0]
    assert row["kind"] == "cannot-say" and "label" in row["text"]


@pytest.mark.parametrize("made", [ablation, table_2024_2, table_2025_3])
def test_a_stored_table_is_read_whole(made, tmp_path):
    metrics = frame_of(run_rows("a", 0.5), run_rows("b", None), run_rows("a", 1 / 3, rule="nndr"))
    table = compare(made(metrics, PROTOCOL), None)
    table = replace(table, frame=table.frame.assign(count=pd.array([1, *[pd.NA] * (len(table.frame) - 1)], "Int64")))
    store(table, tmp_path / "table.parquet", code="c0de", seed=7)
    read = load(tmp_path / "table.parquet")
    assert render(read) == render(table)
    assert (read.title, read.keys, read.notes, read.digits) == (table.title, table.keys, table.notes, table.digits)
    numbers = [name for name in table.frame if pd.api.types.is_numeric_dtype(table.frame[name])]
    pd.testing.assert_frame_equal(read.frame[numbers], table.frame[numbers], check_dtype=False, check_exact=True)
    assert read_origin(tmp_path / "table.parquet")["code"] == "c0de"


@pytest.mark.parametrize(
    ("texts", "cell"),
    [
        (("0.5", "0.4", "0.6"), "0.5 [0.4, 0.6]"),
        (("0.5", "", "0.6"), "0.5 [?, 0.6]"),
        (("0.5", "0.4", ""), "0.5 [0.4, ?]"),
        (("0.5", "", ""), "0.5"),
        (("", "", ""), ""),
    ],
)
def test_a_bound_that_was_not_reached_is_a_question_mark(texts, cell):
    assert interval(*texts) == cell


def test_null_is_an_empty_cell():
    table = Table("Title", (), pd.DataFrame({"name": ["a"], "value": [np.nan], "n": pd.array([pd.NA], "Int64")}))
    text = render(table)
    assert text["csv"] == "name,value,n\na,,\n"
    assert "nan" not in text["md"].lower() + text["tex"].lower()


HOSTILE = r"a|b_c*<img src=x>&%$#{}~^\ [x](y)`"


def test_hostile_names_are_shown_as_they_are():
    text = render(Table("Title", (), pd.DataFrame({HOSTILE: [f"{HOSTILE}\nsecond line"]})))
    row = text["md"].splitlines()[4]
    assert row == (r"| a\|b\_c\*&lt;img src=x&gt;&amp;%$#{}\~^\\ \[x\](y)\` second line |")
    body = text["tex"].split(r"\midrule")[1]
    assert r"a|b\_c*\ensuremath{<}img src=x\ensuremath{>}\&\%\$\#\{\}\textasciitilde{}\^{}\textbackslash{}" in body
    assert pd.read_csv(io.StringIO(text["csv"])).iloc[0, 0] == f"{HOSTILE}\nsecond line"


def test_a_table_without_rows_is_still_a_table():
    empty = frame_of(run_rows("a", 0.5)).iloc[:0]
    for table in (ablation(empty, PROTOCOL), table_2024_2(empty, PROTOCOL), table_2024_3(empty, PROTOCOL)):
        text = render(table)
        assert len(text["csv"].splitlines()) == 1
        assert r"\begin{tabular}{}" not in text["tex"]


def test_a_trained_encoder_has_seen_generated_images_and_is_no_control_of_the_real_ones():
    readable = judged(auc=0.97, p=0.001, control=0.14, control_p=(1.0, 0.004)).assign(encoder_method="cnn")
    row = verdicts(readable, selected(0.97), searched(), spikes(), blind(), COMPARED, KEPT).frame.iloc[0]
    assert row["kind"] == "leak"
