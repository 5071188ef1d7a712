"""What the jobs of a benchmark cost, by stage."""

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

import pandas as pd

COLUMNS = ["stage", "jobs", "seconds", "cpu_seconds", "longest_seconds", "memory_mb"]


def stage_table(folder: Path, datasets: Collection[str]) -> pd.DataFrame:
    """Return `by_stage` of all benchmark files in a folder."""
    files = sorted(folder.rglob("*.tsv"))
    jobs = [(file.relative_to(folder).with_suffix("").parts, pd.read_table(file)) for file in files]
    return by_stage(jobs, datasets)


def by_stage(jobs: Iterable[tuple[Sequence[str], pd.DataFrame]], datasets: Collection[str]) -> pd.DataFrame:
    """Return `COLUMNS`, the most expensive stage first; seconds of all jobs together, which may run side by side.

    Args:
        jobs: The folders and the stem of each job's benchmark file, ``[<dataset>,] <stage>, ...``, and Snakemake's
            record in it: s (wall clock), cpu_time, max_rss (MiB).
        datasets: Names of the data sets.
    """
    records = [record.assign(stage=names[1] if names[0] in datasets else names[0]) for names, record in jobs]
    if not records:
        return pd.DataFrame(columns=COLUMNS)
    table = pd.concat(records, ignore_index=True)
    # A job too short to be measured has "-".
    numbers = table[["s", "cpu_time", "max_rss"]].apply(pd.to_numeric, errors="coerce")
    stages = numbers.groupby(table["stage"]).agg(
        jobs=("s", "size"),
        seconds=("s", "sum"),
        cpu_seconds=("cpu_time", "sum"),
        longest_seconds=("s", "max"),
        memory_mb=("max_rss", "max"),
    )
    return stages.sort_values("seconds", ascending=False, kind="stable").round(1).reset_index()[COLUMNS]
