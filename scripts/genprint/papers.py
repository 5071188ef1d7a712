"""All tables of a benchmark: what its files say, put together for `genprint.tables`."""

from collections.abc import Iterable, Mapping

import pandas as pd

from genprint import tables
from genprint.configuration import method_options
from genprint.tables import Protocol, Table


def benchmark_tables(
    settings: dict,
    *,
    metrics: pd.DataFrame,
    statistics: pd.DataFrame,
    images: Iterable[pd.DataFrame],
    reported: Mapping[str, pd.DataFrame],
) -> dict[str, Table]:
    """Every table of both papers and the ablation, by name, beside the reported values where there are any.

    Args:
        settings: The completed configuration.
        metrics: Metrics of all runs with their columns dataset, variant, encoder, similarity.
        statistics: Statistics of the similarities of the runs that compare every pairing, with the same columns.
        images: Image tables with the columns dataset and label.
        reported: The papers' tables by name.
    """
    shown = settings["tables"]
    protocol = Protocol(shown["score_rule"], shown["threshold_rule"], shown["variant"])
    metrics = _described(metrics, settings)
    made = {
        "2024-table-1": tables.table_2024_1(_of_ssim3(_described(statistics, settings)), scale=shown["ssim3_scale"]),
        "2024-table-2": tables.table_2024_2(metrics, protocol),
        "2024-table-3": tables.table_2024_3(metrics, protocol),
        "2025-table-1": tables.table_2025_1(_counts(images, settings)),
        "2025-table-2": tables.table_2025_2(_parameters(settings)),
        "2025-table-3": tables.table_2025_3(metrics, protocol),
        "ablation": tables.ablation(metrics),
    }
    return {name: tables.compare(table, reported.get(name)) for name, table in made.items()}


def _described(rows: pd.DataFrame, settings: dict) -> pd.DataFrame:
    """With what the configuration says about each run's data set and methods."""
    dataset = rows["dataset"].map(settings["datasets"])
    return rows.assign(
        report_as=[entry["report_as"] for entry in dataset],
        calibrated_by=[entry["calibrated_by"] for entry in dataset],
        variant_method=[settings["variants"][name]["method"] for name in rows["variant"]],
        encoder_method=[settings["encoders"][name]["method"] for name in rows["encoder"]],
        similarity_method=[settings["similarities"][name]["method"] for name in rows["similarity"]],
    )


def _of_ssim3(statistics: pd.DataFrame) -> pd.DataFrame:
    chosen = (statistics["similarity_method"] == "ssim3") & (statistics["variant_method"] == "original")
    return statistics[chosen].drop_duplicates(["dataset", "subset"])


def _counts(images: Iterable[pd.DataFrame], settings: dict) -> pd.DataFrame:
    counts = pd.concat(images).value_counts(["dataset", "label"], sort=False).rename("images").reset_index()
    order = counts["dataset"].map({name: place for place, name in enumerate(settings["datasets"])})
    counts = counts.iloc[order.argsort(kind="stable")]
    return counts.assign(report_as=[settings["datasets"][name]["report_as"] for name in counts["dataset"]])


def _parameters(settings: dict) -> pd.DataFrame:
    rows = [
        {"variant": name, "method": entry["method"], "parameters": method_options(entry)}
        for name, entry in settings["variants"].items()
    ]
    return pd.DataFrame(rows)
