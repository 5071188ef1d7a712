"""The tables of both papers, the ablation table, and the same beside what the papers report.

2024 is Cao & Zhou, 2025 is Zuo & Zhou (working notes of CLEF). Every table with metrics has its controls: a row for
each answer that looks at no image (`genprint.controls.ANSWERS`), and in each row the real-only control, the same rules
with the other real images in place of the generated ones.

Metrics come as one frame of all runs: the columns `RUN`, perhaps ``calibrated_by`` (the data set whose calibration half
chose the thresholds, null for the data set itself), those of `genprint.evaluation.Evaluation.metrics`, and for the
evaluation half those of `genprint.significance`: <metric>_low and _high, p and its correction. Rows and data sets keep
the order in which they come.
"""

import html
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pandas as pd
from tabulate import tabulate

from genprint.controls import ANSWERS, constant_used, random_answer
from genprint.evaluation import CALIBRATION, EVALUATION, GENERATED, REAL_ONLY
from genprint.intervals import Interval, mover_mean
from genprint.metrics import COUNTS, METRICS
from genprint.scores import SCORE_RULES
from genprint.thresholds import THRESHOLD_RULES
from genprint.verdict import Findings, Limit, described, verdict

RUN = ("dataset", "report_as", "variant", "variant_method", "encoder", "encoder_method", "similarity")
NOISE = ("gaussian-noise", "salt-pepper")
BEST_ON_CALIBRATION = "best-on-calibration"
NO_LABELS = "no labels: decisions are in submissions/"
EMPTY = (
    "Empty cells: a value that is not defined, as precision where nothing is called used, or all that decisions are "
    "judged by where the rule finds no threshold (thresholds/ says why); and what the row of a control has none of."
)
REPORTED_ONLY = "reported only"

_REAL_ONLY_METRICS = ("auc", "f1", "kappa", "accuracy")
_BOUNDS = ("low", "high")
_INFERENCE = (
    *(f"{name}_{bound}" for name in METRICS for bound in _BOUNDS),
    *("auc_p", "auc_p_corrected", "kappa_p", "kappa_p_corrected"),
    *("auc_gain", "auc_gain_low", "auc_gain_high", "groups_used", "groups_not_used", "resampled"),
)
_LABELS = ("used", "not_used", "unknown", "held_out", "generated")
_TITLES = {
    "accuracy": "Accuracy",
    "precision": "Precision",
    "specificity": "Specificity",
    "recall": "Recall",
    "f1": "F1",
    "kappa": "Kappa",
    "real_only_f1": "Real-only F1",
    "real_only_kappa": "Real-only kappa",
}


class Protocol(NamedTuple):
    """Which of all combinations the papers' tables show."""

    score_rule: str
    threshold_rule: str
    variant: str = BEST_ON_CALIBRATION
    """One variant, or the best of each encoder and similarity on calibration images."""
    metric: str = "kappa"
    """The metric that makes a variant the best."""


@dataclass(frozen=True)
class Table:
    """A table to be compared and rendered."""

    title: str
    keys: tuple[str, ...]
    """Columns that identify a row of the paper's table."""
    frame: pd.DataFrame
    notes: tuple[str, ...] = ()
    digits: int = 3
    printed: pd.Series | None = None
    """Which rows of the frame Markdown and LaTeX have, bool; all of them if None. csv always has all."""


def table_2024_1(statistics: pd.DataFrame, *, scale: int = 30) -> Table:
    """3-SSIM between and within the sets of images, averaged over the data sets of one name.

    Args:
        statistics: Columns dataset, report_as, subset, pairs, mean, minimum, maximum, of 3-SSIM between original
            images as it is defined, so that identical images have 1.
        scale: What identical images have in the table: 1, or 30 as the paper prints it.
    """
    values = ["mean", "minimum", "maximum"]
    present = _named(statistics[statistics["pairs"] > 0])
    frame = present.groupby(["report_as", "subset"], sort=False)[values].agg(_mean)
    frame = (frame * scale).reset_index()
    frame.insert(2, "Scale", str(scale))
    frame.columns = ["Dataset", "Subset", "Scale", "Average SSIM", "Minimum SSIM", "Maximum SSIM"]
    return Table(
        "3-SSIM of the data sets (Table 1 of 2024)",
        ("Dataset", "Subset", "Scale"),
        frame,
        ("No image is compared with itself.",),
        digits=3 if scale == 1 else 1,
    )


def table_2024_2(metrics: pd.DataFrame, protocol: Protocol) -> Table:
    """Similarity of pixels without and with noise; every noise variant has its rows."""
    rows = _protocol_rows(metrics, protocol)
    rows = rows[(rows["encoder_method"] == "pixels") & rows["variant_method"].isin(("original", *NOISE))]
    noise = np.where(rows["variant_method"] == "original", "w/o", "w/ " + rows["variant_method"])
    rows = rows.assign(noise=noise).sort_values("noise", key=lambda name: name != "w/o", kind="stable")
    shown = ["accuracy", "precision", "specificity", "recall", "f1", "real_only_f1"]
    frame = _averaged(rows, ["report_as", "noise", "variant", "similarity"], shown)
    columns = {"report_as": "Dataset", "noise": "Noise", "variant": "Variant"}
    return Table(
        "Noise and similarity (Table 2 of 2024)",
        ("Dataset", "Noise", "Similarity"),
        frame.rename(columns=columns | {"similarity": "Similarity"}),
        _notes(rows, protocol),
    )


def table_2024_3(metrics: pd.DataFrame, protocol: Protocol) -> Table:
    """Similarity of pixels for each data set, and the mean over the data sets of one name.

    Data sets are the tasks 1, 2, ... of the paper in the order in which they come.
    """
    rows = _protocol_rows(metrics, protocol)
    rows = _one_variant(rows[rows["encoder_method"] == "pixels"], metrics, protocol)
    of_name = rows.groupby("report_as", sort=False)["dataset"]
    task = of_name.transform(lambda names: pd.factorize(names)[0] + 1)
    several = of_name.transform("nunique") > 1
    rows = pd.concat(
        [
            rows.assign(task=task.astype(int).astype(str), name=rows["dataset"]),
            rows[several].assign(task="mean", name=""),
        ],
        ignore_index=True,
    )
    shown = ["accuracy", "precision", "recall", "f1", "real_only_f1"]
    frame = _averaged(rows, ["report_as", "similarity", "task", "name", "variant"], shown)
    columns = {"report_as": "Dataset", "similarity": "Similarity", "task": "Task"}
    return Table(
        "Each data set and their mean (Table 3 of 2024)",
        ("Dataset", "Similarity", "Task"),
        frame.rename(columns=columns | {"name": "Name", "variant": "Variant"}),
        _notes(rows, protocol, protocol.variant),
    )


def table_2025_1(counts: pd.DataFrame) -> Table:
    """How many images of which kind: columns dataset, report_as, label, images; one row each."""
    counts = _named(counts)
    frame = counts.pivot_table(
        index=["report_as", "dataset"], columns="label", values="images", aggfunc="sum", sort=False
    )
    frame = frame.reindex(columns=list(_LABELS)).fillna(0).astype("Int64")
    frame.insert(4, "real", frame[["used", "not_used", "unknown"]].sum(axis=1))
    frame = frame.reset_index()
    frame.columns = [
        *("Dataset", "Name", "Used", "Not used", "Unknown", "Held out"),
        *("Real images", "Generated images"),
    ]
    return Table(
        "Images (Table 1 of 2025)",
        ("Dataset",),
        frame,
        ("Real images are the candidates: used, not used and unknown.",),
    )


def table_2025_2(parameters: pd.DataFrame) -> Table:
    """Image enhancement as really used: columns variant, method, parameters (a mapping)."""
    changed = parameters[parameters["method"] != "original"]
    described = [
        ", ".join(f"{name}={json.dumps(value)}" for name, value in options.items()) for options in changed["parameters"]
    ]
    frame = pd.DataFrame(
        {
            "Method": changed["method"].to_numpy(object),
            "Variant": changed["variant"].to_numpy(object),
            "Parameters": np.array(described, object),
        }
    )
    return Table("Image enhancement (Table 2 of 2025)", ("Method",), frame)


def table_2025_3(metrics: pd.DataFrame, protocol: Protocol) -> Table:
    """Encoder and similarity, with kappa."""
    rows = _one_variant(_protocol_rows(metrics, protocol), metrics, protocol)
    shown = ["accuracy", "precision", "recall", "f1", "kappa", "real_only_f1", "real_only_kappa"]
    frame = _averaged(rows, ["report_as", "encoder", "similarity", "variant"], shown)
    columns = {"report_as": "Dataset", "encoder": "Model", "similarity": "Similarity"}
    return Table(
        "Encoder and similarity (Table 3 of 2025)",
        ("Dataset", "Model", "Similarity"),
        frame.rename(columns=columns | {"variant": "Variant"}),
        _notes(rows, protocol, protocol.variant),
    )


def ablation(metrics: pd.DataFrame, protocol: Protocol) -> Table:
    """Every combination on evaluation images: all metrics with their intervals and tests, and beside them the controls.

    ``_p`` is the p-value of the combination alone, ``_p_corrected`` that of the best of all combinations of its data
    set; ``auc_gain`` is what the AUC has above that of the real-only control. There are thousands of combinations;
    those by the protocol's rules are printed.
    """
    keys = ("dataset", "variant", "encoder", "similarity", "rule", "threshold_rule")
    with_intervals = [column for name in METRICS for column in (name, f"{name}_low", f"{name}_high")]
    tests = [name for name in _INFERENCE if name not in with_intervals]
    controls = [f"real_only_{name}" for name in _REAL_ONLY_METRICS]
    columns = [*keys, *COUNTS, *with_intervals, *tests, *controls, "constant_used_f1", "random_f1", "Note"]
    frame = _with_controls(metrics)[columns].reset_index(drop=True)
    notes = (f"{_rules(protocol)}; ablation.csv has every combination.", _resampling(frame), EMPTY)
    return Table("All combinations", keys, frame, notes, printed=_by_rules(frame, protocol))


def selection(selected: pd.DataFrame) -> Table:
    """The best of all combinations of each data set, chosen on the calibration half and on the evaluation half.

    Args:
        selected: The selection of `genprint.significance` of all data sets.
    """
    columns = {
        "dataset": "Dataset",
        "metric": "Metric",
        "chosen_on": "Chosen on",
        "calibration": "On calibration",
        "value": "On evaluation",
        "low": "On evaluation low",
        "high": "On evaluation high",
        "p": "p",
        "p_corrected": "p corrected",
    }
    run = ["variant", "encoder", "similarity", "rule", "threshold_rule"]
    titles = columns | {name: name.replace("_", " ").capitalize() for name in run}
    order = ["dataset", "metric", "chosen_on", *run, *list(columns)[3:]]
    return Table(
        "The best of all combinations",
        ("Dataset", "Metric", "Chosen on"),
        selected[order].rename(columns=titles),
        (
            "Chosen on calibration images: an honest value. Chosen on the evaluation images that it is judged by: "
            "optimistic, and p needs the correction for all combinations tried.",
            "The AUC needs no threshold rule.",
        ),
    )


def verdicts(metrics: pd.DataFrame, selected: pd.DataFrame, limit: Limit | None = None) -> Table:
    """What can be said of each data set, in words and with the figures behind them (`genprint.verdict`).

    Args:
        metrics: Metrics of all runs with their inference.
        selected: The selection of `genprint.significance` of all data sets.
        limit: The limit of detection on images like these, if it was measured.
    """
    evaluated = _with_controls(metrics)
    rows = []
    for dataset, judged in evaluated.groupby("dataset", sort=False):
        chosen, best = (
            _chosen(judged, selected[(selected["dataset"] == dataset) & (selected["chosen_on"] == half)])
            for half in (CALIBRATION, EVALUATION)
        )
        findings = Findings(
            images=(int(chosen["n_used"]), int(chosen["n_not_used"])),
            patients=(_whole(chosen["groups_used"]), _whole(chosen["groups_not_used"])),
            combinations=len(judged.drop_duplicates([*RUN, "rule"])),
            best=described(best),
            best_auc=best["auc"],
            p_corrected=best["auc_p_corrected"],
            chosen=described(chosen),
            auc=tuple(chosen[name] for name in _bounded("auc")),
            found=_whole(chosen["tpr_at_1_percent_fpr"] * chosen["n_used"]),
            real_only_auc=chosen["real_only_auc"],
            gain=tuple(chosen[name] for name in _bounded("auc_gain")),
            independent=chosen["resampled"] == "images",
            limit=limit,
        )
        kind, text = verdict(findings)
        rows.append(
            {
                "dataset": dataset,
                "verdict": kind,
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
                "n_used": findings.images[0],
                "n_not_used": findings.images[1],
            }
        )
    return Table("Verdicts", ("dataset",), pd.DataFrame(rows), (_resampling(evaluated),))


def _chosen(judged: pd.DataFrame, selected: pd.DataFrame) -> pd.Series:
    """The row of the selected combination by AUC, or any row where nothing could be selected."""
    by_auc = selected[(selected["metric"] == "auc") & selected["rule"].notna()]
    keys = ["variant", "encoder", "similarity", "rule"]
    at = judged.merge(by_auc[keys].head(1), on=keys) if len(by_auc) else judged
    return at.iloc[0]


def _whole(value: float) -> int:
    return 0 if pd.isna(value) else round(value)


def compare(table: Table, reported: pd.DataFrame | None) -> Table:
    """Reported value and difference (ours - reported) beside every cell.

    Args:
        table: Ours.
        reported: The paper's table with the columns ``table.keys`` and any of the others. Rows that only it has are
            added without values of ours. None leaves the table as it is.

    Raises:
        ValueError: The reported table lacks key columns.
    """
    if reported is None:
        return table
    keys = list(table.keys)
    if missing := [key for key in keys if key not in reported]:
        raise ValueError(f"reported table lacks the columns {', '.join(missing)}; it has {', '.join(reported)}")
    reported = reported.astype(dict.fromkeys(keys, "str"))
    ours = table.frame.astype(dict.fromkeys(keys, "str"))
    absent = reported.merge(ours[keys].drop_duplicates(), on=keys, how="left", indicator=True)
    absent = absent.loc[absent["_merge"] == "left_only", keys].assign(Note=REPORTED_ONLY)
    ours = pd.concat([ours, absent], ignore_index=True)
    merged = ours.merge(
        reported.rename(columns=lambda name: name if name in keys else _reported(name)),
        on=keys,
        how="left",
    )
    columns = []
    for name in ours:
        columns.append(name)
        if _reported(name) in merged:
            columns.append(_reported(name))
            if pd.api.types.is_numeric_dtype(ours[name]):
                merged[_reported(name)] = merged[_reported(name)].astype(ours[name].dtype)
                merged[f"{name} difference"] = merged[name] - merged[_reported(name)]
                columns.append(f"{name} difference")
    only_reported = [name for name in merged if name not in columns]
    return replace(table, frame=merged[columns + only_reported], printed=None)


def render(table: Table) -> dict[str, str]:
    """The table as text by file extension: csv for programs, md and tex for people. Equal tables give equal bytes."""
    frame = table.frame
    if "Note" in frame:
        note = frame["Note"].fillna("")
        frame = frame.drop(columns="Note").assign(**({"Note": note} if note.any() else {}))
    bounds = {f"{name}{mark}{bound}" for name in frame for bound in _BOUNDS for mark in " _"}
    shown = [name for name in frame if name not in bounds]
    numeric = [pd.api.types.is_numeric_dtype(frame[name]) for name in shown]
    printed = frame if table.printed is None else frame[table.printed]
    # A table without rows still needs one for its columns to be aligned.
    written = {name: _cells(printed, name, table.digits) or [""] for name in shown}
    layout = {"headers": "keys", "disable_numparse": True, "colalign": ["right" if it else "left" for it in numeric]}
    marked = {_markdown(name): map(_markdown, column) for name, column in written.items()}
    listed = tabulate(marked, tablefmt="pipe", **layout)
    tabular = tabulate(written, tablefmt="latex_booktabs", **layout)
    caption = ". ".join([table.title, *(note.rstrip(".") for note in table.notes)]) + "."
    exact = frame.select_dtypes("float").round(6) + 0.0  # + 0.0: no -0
    return {
        "csv": frame.assign(**exact).to_csv(index=False, lineterminator="\n", float_format="%.6f"),
        "md": "\n\n".join([f"**{table.title}**", listed, *table.notes]) + "\n",
        "tex": "\n".join([r"\begin{table}", rf"\caption{{{caption}}}", tabular, r"\end{table}", ""]),
    }


def _named(frame: pd.DataFrame) -> pd.DataFrame:
    """With the data set's own name where it is not reported under another."""
    return frame.assign(report_as=frame["report_as"].fillna(frame["dataset"]))


def _with_controls(metrics: pd.DataFrame) -> pd.DataFrame:
    """Evaluation rows of the method, with the columns of the controls, of what may lack, and a note."""
    metrics = _named(metrics).reindex(columns=list(dict.fromkeys([*metrics, "report_as", *_INFERENCE])))
    metrics = metrics[metrics["split"] == EVALUATION]
    combination = [*RUN, "rule", "threshold_rule"]
    control = metrics.loc[metrics["source"] == REAL_ONLY, [*combination, *_REAL_ONLY_METRICS]].rename(
        columns={name: f"real_only_{name}" for name in _REAL_ONLY_METRICS}
    )
    rows = metrics[metrics["source"] == GENERATED].merge(control, on=combination, how="left")
    sizes = set(_pairs_of(rows))
    known = {
        f"{name}_f1": {pair: answer(*pair)["f1"] for pair in sizes}
        for name, answer in (("constant_used", constant_used), ("random", random_answer))
    }
    return rows.assign(
        **{name: np.array([f1[pair] for pair in _pairs_of(rows)], float) for name, f1 in known.items()},
        Note=np.where(rows["n"] == 0, NO_LABELS, "").astype(object),
    )


def _protocol_rows(metrics: pd.DataFrame, protocol: Protocol) -> pd.DataFrame:
    """Rows with the protocol's rules; the rest of the columns as in `_with_controls`."""
    for name, known in ((protocol.score_rule, SCORE_RULES), (protocol.threshold_rule, THRESHOLD_RULES)):
        if name not in known:
            raise ValueError(f"unknown rule {name!r}; write one of: {', '.join(known)}")
    return _with_controls(_with_rules(metrics, protocol))


def _with_rules(metrics: pd.DataFrame, protocol: Protocol) -> pd.DataFrame:
    return metrics[_by_rules(metrics, protocol)]


def _by_rules(rows: pd.DataFrame, protocol: Protocol) -> pd.Series:
    return (rows["rule"] == protocol.score_rule) & (rows["threshold_rule"] == protocol.threshold_rule)


def _one_variant(rows: pd.DataFrame, metrics: pd.DataFrame, protocol: Protocol) -> pd.DataFrame:
    """Rows of the variant that the protocol names, or of the best one on calibration images.

    The best variant is the same for all data sets of one name: the one with the largest mean, the first if some tie.
    """
    if protocol.variant != BEST_ON_CALIBRATION:
        known = dict.fromkeys(metrics["variant"])
        if protocol.variant not in known:
            raise ValueError(
                f"no run has the variant {protocol.variant!r}; "
                f"write {BEST_ON_CALIBRATION} or one of: {', '.join(known)}"
            )
        return rows[rows["variant"] == protocol.variant]
    run = ["dataset", "variant", "encoder", "similarity"]
    seen = _with_rules(metrics, protocol)
    seen = seen[(seen["source"] == GENERATED) & (seen["split"] == CALIBRATION)]
    goodness = seen[[*run, protocol.metric]].set_axis(["calibrator", *run[1:], "goodness"], axis=1)
    calibrator = rows["dataset"]
    if "calibrated_by" in rows:
        calibrator = rows["calibrated_by"].fillna(calibrator)
    joined = rows.assign(calibrator=calibrator).merge(goodness, on=["calibrator", *run[1:]], how="left")
    group = ["report_as", "encoder", "similarity"]
    of_variant = joined.groupby([*group, "variant"], sort=False)["goodness"].agg(_mean)
    ranked = of_variant.fillna(-np.inf).reset_index()
    best = ranked.loc[ranked.groupby(group, sort=False)["goodness"].idxmax(), [*group, "variant"]]
    return joined.merge(best, on=[*group, "variant"])


def _averaged(rows: pd.DataFrame, keys: Sequence[str], shown: Sequence[str]) -> pd.DataFrame:
    """Means over the data sets of one name with their intervals, and below each name's rows the controls."""
    rows = pd.concat([rows, _answers(rows, keys)], ignore_index=True)
    appearance = [pd.factorize(rows[key])[0] for key in keys]
    grouped = rows.iloc[np.lexsort(appearance[::-1])].groupby(list(keys), sort=False)
    averaged = {}
    for name in shown:
        averaged[_TITLES[name]] = grouped[name].agg(_mean).astype(float)
        if name in METRICS:
            of_parts = [_mean_interval(part, name) for _, part in grouped]
            for bound in _BOUNDS:
                averaged[f"{_TITLES[name]} {bound}"] = [float(getattr(interval, bound)) for interval in of_parts]
    return pd.DataFrame(averaged).assign(Note=grouped["Note"].agg("max")).reset_index()


def _mean_interval(rows: pd.DataFrame, metric: str) -> Interval:
    values, low, high = (rows[column].to_numpy(float) for column in _bounded(metric))
    return mover_mean(values, Interval(low, high))


def _bounded(metric: str) -> tuple[str, str, str]:
    return metric, f"{metric}_low", f"{metric}_high"


def _answers(rows: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """A row per data set (and task) and answer that looks at no image, with the metrics of the answer."""
    own = [key for key in ("report_as", "task", "name") if key in keys]
    sizes = rows[[*own, "dataset", "n_used", "n_not_used", "Note"]].drop_duplicates()
    blank = dict.fromkeys([key for key in keys if key not in own], "")
    return pd.concat(
        sizes[[*own, "Note"]]
        .assign(**(blank | {"similarity": name}))
        .join(pd.DataFrame([answer(*pair) for pair in _pairs_of(sizes)], index=sizes.index, columns=list(METRICS)))
        for name, answer in ANSWERS.items()
    )


def _pairs_of(rows: pd.DataFrame) -> Iterator[tuple[int, int]]:
    return rows[["n_used", "n_not_used"]].itertuples(index=False, name=None)


def _mean(values: pd.Series) -> float:
    """Undefined if any of the values is: a mean over fewer data sets would be another number."""
    return values.mean(skipna=False)


def _resampling(rows: pd.DataFrame) -> str:
    """What the intervals take for granted."""
    unknown = [
        name for name, kind in rows.groupby("dataset", sort=False)["resampled"].first().items() if kind == "images"
    ]
    note = "95 % intervals: Wilson for rates, bootstrap for the others; by patient where patients are known"
    return note + (f", in {', '.join(unknown)} assuming that images are independent." if unknown else ".")


def _notes(rows: pd.DataFrame, protocol: Protocol, variant: str | None = None) -> tuple[str, ...]:
    chosen = {
        None: "",
        BEST_ON_CALIBRATION: f", variant with the best {protocol.metric} on calibration images",
    }.get(variant, f", variant {variant}")
    return (
        f"{_rules(protocol)}{chosen}; metrics on evaluation images.",
        _resampling(rows),
        "Real-only: the same rules with the other real images in place of the generated ones.",
        EMPTY,
    )


def _rules(protocol: Protocol) -> str:
    return f"Score rule {protocol.score_rule}, threshold rule {protocol.threshold_rule}"


def _reported(name: str) -> str:
    return f"{name} reported"


def _cells(frame: pd.DataFrame, name: str, digits: int) -> list[str]:
    """A column as text, each value with its interval in brackets if the frame has one."""
    values = [_text(name, value, digits) for value in frame[name]]
    for mark in " _":
        bounds = [f"{name}{mark}{bound}" for bound in _BOUNDS]
        if set(bounds) <= set(frame):
            texts = [[_text(name, value, digits) for value in frame[bound]] for bound in bounds]
            return [
                f"{value} [{low}, {high}]" if low else value for value, low, high in zip(values, *texts, strict=True)
            ]
    return values


def _text(name: str, value: object, digits: int) -> str:
    if pd.isna(value):
        return ""
    if isinstance(value, float):
        sign = "+" if name.endswith(" difference") else ""
        return f"{round(value, digits) + 0.0:{sign}.{digits}f}"
    return " ".join(str(value).split())


def _markdown(text: str) -> str:
    """Text that Markdown shows as it is."""
    return re.sub(r"([\\`*_\[\]|~])", r"\\\1", html.escape(text, quote=False))
