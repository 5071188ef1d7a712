"""The tables of results: every combination, the best of them, and the verdict on each data set."""

from collections.abc import Mapping

import pandas as pd

from genprint.copies.sentence import sentence
from genprint.inference.fidelity import COMPARABLE
from genprint.plan.sources import declared, registered
from genprint.scoring.evaluation import CALIBRATION, EVALUATION, REAL_ONLY
from genprint.scoring.metrics import COUNTS, METRICS
from genprint.tables.protocol import (
    EMPTY,
    INFERENCE,
    OF_SETS,
    REAL_ONLY_METRICS,
    RUN_COLUMNS,
    Protocol,
    bounded,
    by_rules,
    resampling_note,
    rules_note,
    with_controls,
)
from genprint.tables.table import Table
from genprint.tables.verdict import LEVEL, Findings, SmallestLeak, described, verdict


def ablation(metrics: pd.DataFrame, protocol: Protocol) -> Table:
    """List every combination on evaluation images: all metrics with intervals and tests, and the controls beside them.

    ``_p`` is the p-value of the combination alone, ``_p_corrected`` that of the best of all combinations of its data
    set; ``auc_gain`` is what the AUC has above that of the real-only control; `OF_SETS` are of the run. There are
    thousands of combinations; those by the protocol's rules are printed.
    """
    keys = ("dataset", "variant", "encoder", "similarity", "rule", "threshold_rule")
    with_intervals = [column for name in METRICS for column in (name, f"{name}_low", f"{name}_high")]
    tests = [name for name in INFERENCE if name not in with_intervals]
    controls = [f"real_only_{name}" for name in REAL_ONLY_METRICS]
    columns = [*keys, *COUNTS, *with_intervals, *tests, *OF_SETS, *controls, "constant_used_f1", "random_f1", "Note"]
    frame = with_controls(metrics)[columns].reset_index(drop=True)
    notes = (f"{rules_note(protocol)}; ablation.csv has every combination.", resampling_note(frame), EMPTY)
    return Table("All combinations", keys, frame, notes, printed=by_rules(frame, protocol))


def selection(selected: pd.DataFrame) -> Table:
    """Name the best of all combinations of each data set, chosen on other images and on those that are judged.

    Args:
        selected: The selection of `genprint.inference.significance` of all data sets.
    """
    columns = {
        "dataset": "Dataset",
        "metric": "Metric",
        "chosen_on": "Chosen on",
        "part": "Judges",
        "calibration": "On calibration",
        "value": "On evaluation",
        "low": "On evaluation low",
        "high": "On evaluation high",
        "p": "p",
        "p_corrected": "p corrected",
    }
    run = ["variant", "encoder", "similarity", "rule", "threshold_rule"]
    titles = columns | {name: name.replace("_", " ").capitalize() for name in run}
    order = ["dataset", "metric", "chosen_on", "part", *run, *list(columns)[4:]]
    return Table(
        "The best of all combinations",
        ("Dataset", "Metric", "Chosen on", "Judges"),
        selected[order].rename(columns=titles),
        (
            "Chosen on calibration images, or for each fold on the next: an honest value, of all images that are "
            "judged by what was chosen for each. Chosen on the images that it is judged by (evaluation): optimistic, "
            "and p needs the correction for all combinations tried.",
            "The AUC needs no threshold rule.",
        ),
    )


def verdicts(
    metrics: pd.DataFrame,
    selected: pd.DataFrame,
    copies: pd.DataFrame,
    spikes: pd.DataFrame,
    blind: pd.DataFrame,
    fidelity: Mapping[str, float],
    warnings: Mapping[str, str],
    limit: SmallestLeak | None = None,
) -> Table:
    """Say what can be said of each data set, in words and with the figures behind them (`genprint.tables.verdict`).

    Args:
        metrics: Metrics of all runs with their inference.
        selected: The selection of `genprint.inference.significance` of all data sets.
        copies: What was found about copies in each data set (`genprint.copies.tables.COPIES`).
        spikes: Which perturbed copies would have been found in each (`genprint.copies.tables.SPIKES`).
        blind: Whether labels can be read from the real images of each (`genprint.inference.blind.BLIND`).
        fidelity: How alike the generated images of each are to the real ones (`genprint.inference.fidelity`); NaN where
            that is not known.
        warnings: What was lost of the images of each data set before anything was compared; "" if nothing was.
        limit: The limit of detection on images like these, if it was measured.
    """
    evaluated = with_controls(metrics)
    rows = []
    for dataset, judged in evaluated.groupby("dataset", sort=False):
        by_auc = selected[(selected["dataset"] == dataset) & (selected["metric"] == "auc")]
        chosen = by_auc[by_auc["chosen_on"] == CALIBRATION]
        best = _described_best(judged, by_auc[by_auc["chosen_on"] == EVALUATION])
        sizes, effect = judged.iloc[0], chosen.iloc[0]
        of_copies = copies[copies["dataset"] == dataset].iloc[0]
        without = metrics[
            (metrics["dataset"] == dataset) & (metrics["split"] == EVALUATION) & (metrics["source"] == REAL_ONLY)
        ]
        lowest = judged.sort_values(["reversed_auc_p_corrected", "auc"], kind="stable").iloc[0]
        findings = Findings(
            images=(int(sizes["n_used"]), int(sizes["n_not_used"])),
            patients=(_whole(sizes["groups_used"]), _whole(sizes["groups_not_used"])),
            combinations=len(judged.drop_duplicates([*RUN_COLUMNS, "rule"])),
            best=described(best),
            best_auc=best["auc"],
            p_corrected=best["auc_p_corrected"],
            lowest=described(lowest),
            lowest_auc=lowest["auc"],
            p_reversed=lowest["reversed_auc_p_corrected"],
            chosen=_chosen(chosen),
            auc=tuple(effect[name] for name in ("value", "low", "high")),
            found=_whole(effect["recall_at_1_percent_fpr"] * sizes["n_used"]),
            patients_found=_whole(effect["patients_at_1_percent_fpr"]),
            real_only_auc=effect["real_only"],
            gain=tuple(effect[name] for name in bounded("gain")),
            readable=[*_readable(without), *_read_by_classifier(blind[blind["dataset"] == dataset].iloc[0])],
            independent=sizes["resampled"] == "images",
            copies=sentence(of_copies, spikes[spikes["dataset"] == dataset]),
            warning=" ".join(filter(None, (warnings[dataset], _not_comparable(fidelity[dataset])))),
            limit=limit,
        )
        kind, text = verdict(findings)
        rows.append(
            {
                "dataset": dataset,
                "kind": str(kind),
                "verdict": kind.words,
                "text": text,
                "combination": findings.chosen,
                "auc": findings.auc[0],
                "auc_low": findings.auc[1],
                "auc_high": findings.auc[2],
                "best_auc": findings.best_auc,
                "p_corrected": findings.p_corrected,
                "real_only_auc": findings.real_only_auc,
                "auc_gain": findings.gain[0],
                "auc_gain_low": findings.gain[1],
                "auc_gain_high": findings.gain[2],
                "found_at_1_percent_fpr": findings.found,
                "patients_at_1_percent_fpr": findings.patients_found,
                "fidelity": fidelity[dataset],
                **{name: _of_set(judged, chosen, name) for name in OF_SETS},
                "n_used": findings.images[0],
                "n_not_used": findings.images[1],
                "n_copies": of_copies["n_copies"],
                "n_mem": of_copies["n_mem"],
                "patients_exposed": of_copies["patients_exposed"],
            }
        )
    return Table("Verdicts", ("dataset",), pd.DataFrame(rows), (resampling_note(evaluated),))


CONTROLS = 2
"""Ways to read labels without generated images; each is tested at its share of the level."""


def _read_by_classifier(blind: pd.Series) -> list[str]:
    """Say whether a classifier of the real images reads the labels."""
    if not blind["p"] < LEVEL / CONTROLS:
        return []
    return [f"a classifier that sees the real images alone has AUC {blind['auc']:.2f} (p = {blind['p']:.2g})"]


def _readable(without: pd.DataFrame) -> list[str]:
    """Say by which real-only control the labels can be read, two-sided and corrected for all combinations.

    An encoder that is trained has seen the generated images, and with them the used ones that they resemble: what it
    says of the real images among themselves may be the leak itself, and does not count.
    """
    encoders = registered("genprint.encoders")
    untrained = [method for method, module in encoders.items() if not declared(module)["TRAINED"]]
    without = without[without["encoder_method"].isin(untrained)]
    tails = without.reindex(columns=["auc_p_corrected", "reversed_auc_p_corrected"]).astype(float)
    p = (2 * tails.min(axis=1)).clip(upper=1)
    if not (p < LEVEL / CONTROLS).any():
        return []
    row = without.loc[p.idxmin()]
    return [
        f"{described(row)} of the real images among themselves has AUC {row['auc']:.2f} (corrected p = {p.min():.2g})"
    ]


def _described_best(judged: pd.DataFrame, selected: pd.DataFrame) -> pd.Series:
    """The row of the selected combination, or any row where nothing could be selected."""
    keys = ["variant", "encoder", "similarity", "rule"]
    at = judged.merge(selected.loc[selected["rule"].notna(), keys].head(1), on=keys)
    return (at if len(at) else judged).iloc[0]


def _not_comparable(fidelity: float) -> str:
    """Say that generated images are another kind of image than the real ones, if they are."""
    if not fidelity < COMPARABLE:
        return ""
    return (
        f"The generated images are not comparable with the real ones (fidelity {fidelity:.2g}; two halves of the real "
        "images have 1): what is said here is about these images, and not about a generator of images like the real "
        "ones."
    )


def _of_set(judged: pd.DataFrame, chosen: pd.DataFrame, name: str) -> float:
    """What the run that was chosen (for the first fold) says of the release as a set."""
    keys = ["variant", "encoder", "similarity"]
    at = judged.merge(chosen[keys].head(1), on=keys)
    return float(at[name].iloc[0]) if len(at) else float("nan")


def _chosen(selected: pd.DataFrame) -> str:
    """Say what was chosen on images that it does not judge: for all of them, or for each fold."""
    if selected["rule"].isna().any():
        return "no combination"
    names = [described(row) for row in selected.to_dict("records")]
    if len(names) == 1:
        return f"{names[0]}, which was chosen on calibration images"
    if len(set(names)) == 1:
        return f"{names[0]}, which was chosen for each fold of the patients on the next"
    each = "; ".join(f"{row} for {part}" for row, part in zip(names, selected["part"], strict=True))
    return f"what was chosen for each fold of the patients on the next ({each})"


def _whole(value: float) -> int:
    return 0 if pd.isna(value) else round(value)
