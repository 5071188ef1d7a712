"""The tables of both papers, the ablation table, and the same beside what the papers report.

2024 is Cao & Zhou, 2025 is Zuo & Zhou (working notes of CLEF). Every table with metrics has its controls: a row for
each answer that looks at no image (`genprint.scoring.controls.ANSWERS`), and in each row the real-only control, the
same rules with the other real images in place of the generated ones.
"""

import json
from collections.abc import Sequence

import numpy as np
import pandas as pd

from genprint.inference.intervals import Interval, mover_mean
from genprint.scoring.controls import ANSWERS
from genprint.scoring.evaluation import CALIBRATION, GENERATED
from genprint.scoring.metrics import METRICS
from genprint.scoring.scores import SCORE_RULES
from genprint.scoring.thresholds import THRESHOLD_RULES
from genprint.tables.protocol import (
    BEST_ON_CALIBRATION,
    EMPTY,
    ORIGINAL,
    PIXELS,
    Protocol,
    bounded,
    by_rules,
    class_sizes,
    named,
    resampling_note,
    rules_note,
    with_controls,
)
from genprint.tables.table import BOUNDS, Table

TITLES = {
    "2024-table-1": "3-SSIM of the data sets (Table 1 of 2024)",
    "2024-table-2": "Noise and similarity (Table 2 of 2024)",
    "2024-table-3": "Each data set and their mean (Table 3 of 2024)",
    "2025-table-1": "Images (Table 1 of 2025)",
    "2025-table-2": "Image enhancement (Table 2 of 2025)",
    "2025-table-3": "Encoder and similarity (Table 3 of 2025)",
}
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


def table_2024_1(statistics: pd.DataFrame, *, scale: int = 30) -> Table:
    """Give the 3-SSIM between and within the sets of images, averaged over the data sets of one name.

    Args:
        statistics: The columns dataset, report_as, subset, pairs, mean, minimum, maximum: of the 3-SSIM between
            original images as it is defined, where identical images have 1.
        scale: What identical images have in the table: 1, or 30 as the paper prints it.
    """
    values = ["mean", "minimum", "maximum"]
    present = named(statistics[statistics["pairs"] > 0])
    frame = present.groupby(["report_as", "subset"], sort=False)[values].agg(_mean)
    frame = (frame * scale).reset_index()
    frame.insert(2, "Scale", str(scale))
    frame.columns = ["Dataset", "Subset", "Scale", "Average SSIM", "Minimum SSIM", "Maximum SSIM"]
    return Table(
        TITLES["2024-table-1"],
        ("Dataset", "Subset", "Scale"),
        frame,
        ("No image is compared with itself.",),
        digits=3 if scale == 1 else 1,
    )


def table_2024_2(metrics: pd.DataFrame, protocol: Protocol) -> Table:
    """Compare the similarity of pixels without and with noise; every noise variant has its rows.

    ``metrics`` has the column variant_random: whether the variant is noise.
    """
    rows = _protocol_rows(metrics, protocol)
    original = rows["variant_method"] == ORIGINAL
    rows = rows[(rows["encoder_method"] == PIXELS) & (original | rows["variant_random"].astype(bool))]
    noise = np.where(rows["variant_method"] == ORIGINAL, "w/o", "w/ " + rows["variant_method"])
    rows = rows.assign(noise=noise).sort_values("noise", key=lambda name: name != "w/o", kind="stable")
    shown = ["accuracy", "precision", "specificity", "recall", "f1", "real_only_f1"]
    frame = _averaged(rows, ["report_as", "noise", "variant", "similarity"], shown)
    columns = {"report_as": "Dataset", "noise": "Noise", "variant": "Variant"}
    return Table(
        TITLES["2024-table-2"],
        ("Dataset", "Noise", "Similarity"),
        frame.rename(columns=columns | {"similarity": "Similarity"}),
        _notes(rows, protocol),
    )


def table_2024_3(metrics: pd.DataFrame, protocol: Protocol) -> Table:
    """Give the similarity of pixels for each data set, and the mean over the data sets of one name.

    Data sets are the tasks 1, 2, ... of the paper in the order in which they come.
    """
    rows = _protocol_rows(metrics, protocol)
    rows = _one_variant(rows[rows["encoder_method"] == PIXELS], metrics, protocol)
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
        TITLES["2024-table-3"],
        ("Dataset", "Similarity", "Task"),
        frame.rename(columns=columns | {"name": "Name", "variant": "Variant"}),
        _notes(rows, protocol, protocol.variant),
    )


def table_2025_1(counts: pd.DataFrame) -> Table:
    """Count the images of each kind; ``counts`` has the columns dataset, report_as, label, images."""
    counts = named(counts)
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
        TITLES["2025-table-1"],
        ("Dataset",),
        frame,
        ("Real images are the candidates: used, not used and unknown.",),
    )


def table_2025_2(parameters: pd.DataFrame) -> Table:
    """List the enhancements as really used; ``parameters`` has the columns variant, method, parameters (a mapping)."""
    changed = parameters[parameters["method"] != ORIGINAL]
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
    return Table(TITLES["2025-table-2"], ("Method",), frame)


def table_2025_3(metrics: pd.DataFrame, protocol: Protocol) -> Table:
    """Compare encoders and similarities, with kappa."""
    rows = _one_variant(_protocol_rows(metrics, protocol), metrics, protocol)
    shown = ["accuracy", "precision", "recall", "f1", "kappa", "real_only_f1", "real_only_kappa"]
    frame = _averaged(rows, ["report_as", "encoder", "similarity", "variant"], shown)
    columns = {"report_as": "Dataset", "encoder": "Model", "similarity": "Similarity"}
    return Table(
        TITLES["2025-table-3"],
        ("Dataset", "Model", "Similarity"),
        frame.rename(columns=columns | {"variant": "Variant"}),
        _notes(rows, protocol, protocol.variant),
    )


def _protocol_rows(metrics: pd.DataFrame, protocol: Protocol) -> pd.DataFrame:
    """Rows with the protocol's rules; the rest of the columns as in `with_controls`."""
    for name, known in ((protocol.score_rule, SCORE_RULES), (protocol.threshold_rule, THRESHOLD_RULES)):
        if name not in known:
            raise ValueError(f"unknown rule {name!r}; choose one of: {', '.join(known)}")
    return with_controls(_with_rules(metrics, protocol))


def _with_rules(metrics: pd.DataFrame, protocol: Protocol) -> pd.DataFrame:
    return metrics[by_rules(metrics, protocol)]


def _one_variant(rows: pd.DataFrame, metrics: pd.DataFrame, protocol: Protocol) -> pd.DataFrame:
    """Rows of the variant that the protocol names, or of the best one on calibration images.

    The best variant is the same for all data sets of one name: the one with the largest mean, the first if some tie.
    """
    if protocol.variant != BEST_ON_CALIBRATION:
        known = dict.fromkeys(metrics["variant"])
        if protocol.variant not in known:
            raise ValueError(
                f"no run has the variant {protocol.variant!r}; "
                f"choose {BEST_ON_CALIBRATION} or one of: {', '.join(known)}"
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
            for bound in BOUNDS:
                averaged[f"{_TITLES[name]} {bound}"] = [float(getattr(interval, bound)) for interval in of_parts]
    return pd.DataFrame(averaged).assign(Note=grouped["Note"].agg("max")).reset_index()


def _mean_interval(rows: pd.DataFrame, metric: str) -> Interval:
    values, low, high = (rows[column].to_numpy(float) for column in bounded(metric))
    return mover_mean(values, Interval(low, high))


def _answers(rows: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """A row per data set (and task) and answer that looks at no image, with the metrics of the answer."""
    own = [key for key in ("report_as", "task", "name") if key in keys]
    sizes = rows[[*own, "dataset", "n_used", "n_not_used", "Note"]].drop_duplicates()
    blank = dict.fromkeys([key for key in keys if key not in own], "")
    return pd.concat(
        sizes[[*own, "Note"]]
        .assign(**(blank | {"similarity": name}))
        .join(pd.DataFrame([answer(*pair) for pair in class_sizes(sizes)], index=sizes.index, columns=list(METRICS)))
        for name, answer in ANSWERS.items()
    )


def _mean(values: pd.Series) -> float:
    """Undefined if any of the values is: a mean over fewer data sets would be another number."""
    return values.mean(skipna=False)


def _notes(rows: pd.DataFrame, protocol: Protocol, variant: str | None = None) -> tuple[str, ...]:
    chosen = {
        None: "",
        BEST_ON_CALIBRATION: f", variant with the best {protocol.metric} on calibration images",
    }.get(variant, f", variant {variant}")
    return (
        f"{rules_note(protocol)}{chosen}; metrics on evaluation images.",
        resampling_note(rows),
        "Real-only: the same rules with the other real images in place of the generated ones.",
        EMPTY,
    )
