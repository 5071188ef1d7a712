"""All tables of a benchmark: what its files say, put together."""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

import pandas as pd

from genprint.limits.curves import ALWAYS_FOUND, METHOD, SEARCH
from genprint.plan.runs import method_options
from genprint.scoring.evaluation import EVALUATION
from genprint.tables import papers, results
from genprint.tables.protocol import ORIGINAL, PIXELS, RUN, Protocol
from genprint.tables.table import Table, compare
from genprint.tables.verdict import SmallestLeak, described

NO_STATISTICS = "no run of this configuration compares the original images by ssim3 with generated_generated: true"


def benchmark_tables(
    settings: dict,
    *,
    metrics: Iterable[pd.DataFrame],
    sets: Iterable[pd.DataFrame],
    significance: Iterable[pd.DataFrame],
    selection: Iterable[pd.DataFrame],
    statistics: Iterable[pd.DataFrame],
    images: Iterable[pd.DataFrame],
    blind: Iterable[pd.DataFrame],
    fidelity: Iterable[pd.DataFrame],
    grey_levels: Iterable[pd.DataFrame],
    copies: Iterable[pd.DataFrame],
    spikes: Iterable[pd.DataFrame],
    run_files: Iterable[pd.DataFrame],
    limits: pd.DataFrame | None,
    reported: Mapping[str, pd.DataFrame],
    noise: Collection[str],
) -> dict[str, Table]:
    """Make the verdicts, every table of both papers and the ablation, by name, beside reported values if there are any.

    A table that no run of the configuration fills says so instead.

    Args:
        settings: The completed configuration.
        metrics: Metrics of each run with its columns dataset, variant, encoder, similarity.
        sets: What each run says of the release as a set (`genprint.inference.sets.SETS`).
        significance: Intervals and tests of each data set, as `genprint.inference.significance` has them.
        selection: The best combinations of each data set, likewise.
        statistics: Statistics of the similarities of the runs that compare every pairing, with the same columns.
        blind: Whether labels can be read from the real images, of each data set (`genprint.inference.blind.BLIND`).
        fidelity: How alike generated and real images are, likewise (`genprint.inference.fidelity.FIDELITY`).
        grey_levels: What grey levels come from, of each data set (`genprint.images.datasets.GREY_LEVELS`).
        copies: What was found about copies, of each data set (`genprint.copies.tables.COPIES`).
        spikes: Which perturbed copies would have been found, of each (`genprint.copies.tables.SPIKES`).
        run_files: Those of every data set with images without labels (`genprint.tables.run_files.RUN_FILES`).
        limits: Limits of detection, as `genprint.limits.curves` has them, if the configuration asks for any.
        images: Image tables with the columns dataset and label.
        reported: The papers' tables by name.
        noise: Names of the configured variants that draw at random.
    """
    shown = settings["tables"]
    protocol = Protocol(shown["score_rule"], shown["threshold_rule"], shown["variant"])
    inferred = _inferred(pd.concat(metrics), pd.concat(significance))
    inferred = inferred.merge(pd.concat(sets), on=["dataset", *RUN], how="left")
    inferred = inferred.merge(_without_run_file(run_files), on=["dataset", *RUN, "rule", "threshold_rule"], how="left")
    judged = _described([inferred], settings)
    judged = judged.assign(variant_random=judged["variant"].isin(noise))
    selected = pd.concat(selection, ignore_index=True)
    warnings = pd.concat(grey_levels).set_index("dataset")["warning"].to_dict()
    pixels = judged[judged["encoder_method"] == PIXELS]
    of_ssim3 = _of_ssim3([_described([table], settings) for table in statistics])
    no_pixels = "no run of this configuration compares pixels"
    made = {
        "verdicts": results.verdicts(
            judged,
            selected,
            pd.concat(copies),
            pd.concat(spikes),
            pd.concat(blind),
            pd.concat(fidelity).set_index("dataset")["fidelity"].to_dict(),
            warnings,
            _smallest_leak(limits, settings["limits"]),
        ),
        "selection": results.selection(selected),
        "2024-table-1": _filled(
            "2024-table-1", papers.table_2024_1, of_ssim3, NO_STATISTICS, scale=shown["ssim3_scale"]
        ),
        "2024-table-2": _filled("2024-table-2", papers.table_2024_2, pixels, no_pixels, protocol),
        "2024-table-3": _filled("2024-table-3", papers.table_2024_3, pixels, no_pixels, protocol),
        "2025-table-1": papers.table_2025_1(_counts(images, settings)),
        "2025-table-2": papers.table_2025_2(_parameters(settings)),
        "2025-table-3": papers.table_2025_3(judged, protocol),
        "ablation": results.ablation(judged, protocol),
    }
    return {name: compare(table, reported.get(name)) if table.keys else table for name, table in made.items()}


def _inferred(metrics: pd.DataFrame, significance: pd.DataFrame) -> pd.DataFrame:
    """Metrics with the intervals and tests of the images that are judged beside them."""
    combination = ["dataset", "variant", "encoder", "similarity", "source", "rule", "threshold_rule", "split"]
    return metrics.merge(significance.assign(split=EVALUATION), on=combination, how="left")


def _without_run_file(run_files: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Return the combinations that have no run file, with the reason in the column undecided."""
    columns = ["dataset", *RUN, "rule", "threshold_rule"]
    every = pd.concat([pd.DataFrame(columns=[*columns, "reason"]), *run_files])
    return every.loc[every["reason"].notna(), [*columns, "reason"]].rename(columns={"reason": "undecided"})


def _smallest_leak(limits: pd.DataFrame | None, settings: dict | None) -> SmallestLeak | None:
    """The smallest share of copies that one of the methods finds; None if it was not measured.

    The verdict names a share of copies because everybody knows what that means; ladders of other leaks have none.
    """
    if limits is None or settings is None:
        return None
    shares = {
        name: ladder["levels"]
        for name, ladder in settings["ladders"].items()
        if (ladder["generator"]["method"], ladder["vary"]) == ("copy", "share")
    }
    is_search = (limits[[*METHOD[:3]]] == list(SEARCH)).all(axis=1)  # copies have limits of their own (the spikes)
    measured = limits[limits["ladder"].isin(shares) & ~is_search]
    if measured.empty:
        return None
    faintest = measured["ladder"].map({name: min(levels) for name, levels in shares.items()})
    share = measured["limit"].fillna(faintest.where(measured["reason"] == ALWAYS_FOUND))
    if share.isna().all():
        return SmallestLeak(None, dataset=settings["dataset"])
    best = measured.loc[share.idxmin()]
    low, high = (None if pd.isna(best[name]) else float(best[name]) for name in ("limit_low", "limit_high"))
    return SmallestLeak(float(share.min()), low, high, described(best), settings["dataset"])


def _filled(
    name: str, make: Callable[..., Table], rows: pd.DataFrame, reason: str, *arguments: Any, **options: Any
) -> Table:
    """The table, or in its place the reason why it is empty."""
    if len(rows):
        return make(rows, *arguments, **options)
    return Table(papers.TITLES[name], (), pd.DataFrame({"Note": [reason]}))


def _described(runs: Iterable[pd.DataFrame], settings: dict) -> pd.DataFrame:
    """Rows of all runs, with what the configuration says about each one's data set and methods."""
    rows = pd.concat(runs, ignore_index=True)
    dataset = rows["dataset"].map(settings["datasets"])
    return rows.assign(
        report_as=[entry["report_as"] for entry in dataset],
        calibrated_by=[entry["calibrated_by"] for entry in dataset],
        variant_method=[settings["variants"][name]["method"] for name in rows["variant"]],
        encoder_method=[settings["encoders"][name]["method"] for name in rows["encoder"]],
        similarity_method=[settings["similarities"][name]["method"] for name in rows["similarity"]],
    )


def _of_ssim3(statistics: list[pd.DataFrame]) -> pd.DataFrame:
    """Statistics of the one similarity that Table 1 of 2024 is about."""
    chosen = [
        table
        for table in statistics
        if set(table["similarity_method"]) == {"ssim3"} and set(table["variant_method"]) == {ORIGINAL}
    ]
    return pd.concat(chosen).drop_duplicates(["dataset", "subset"]) if chosen else pd.DataFrame()


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
