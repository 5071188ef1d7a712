import pandas as pd

from genprint.runtime.run_times import COLUMNS, by_stage


def job(seconds, *, memory=100.0):
    return pd.DataFrame({"s": [seconds], "cpu_time": [seconds / 2], "max_rss": [memory]})


def test_jobs_are_added_up_by_stage_the_most_expensive_first():
    stages = by_stage(
        [
            (("tables",), job(1.0)),
            (("a", "similarity", "original", "ssim"), job(2.0, memory=50)),
            (("b", "similarity", "original", "ssim"), job(4.0, memory=70)),
            (("a", "images"), job(3.0)),
        ],
        {"a", "b"},
    )
    assert stages["stage"].tolist() == ["similarity", "images", "tables"]
    assert stages.iloc[0].tolist() == ["similarity", 2, 6.0, 3.0, 4.0, 70.0]


def test_a_job_too_short_to_measure_counts():
    stages = by_stage([(("tables",), job(1.0)), (("tables",), job(1.0).astype(object).assign(max_rss="-"))], set())
    assert stages.loc[0, "jobs"] == 2 and stages.loc[0, "memory_mb"] == 100


def test_nothing_run():
    assert by_stage([], set()).columns.tolist() == COLUMNS
