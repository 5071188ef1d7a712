import pytest

from genprint.plan.runs import Run
from genprint.runtime.failures import DONE, FAILED
from genprint.runtime.states import listing, states

RUN = Run("ct", "original", "cnn", "cosine")


@pytest.fixture
def written(tmp_path):
    """Writes files of results and logs by their path."""

    def write(**files):
        for path, text in files.items():
            file = tmp_path / path.replace("__", "/").replace("_log", ".log").replace("_parquet", ".parquet")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        return states([RUN], tmp_path / "results", tmp_path / "logs")[0][4:]

    return write


def test_nothing_there_is_missing(written):
    assert written() == ("missing", "")


def test_metrics_are_the_end(written):
    assert written(results__ct__metrics__original__cnn__cosine_parquet="") == ("done", "")


def test_a_failure_is_told_with_its_last_line(written):
    state, detail = written(
        logs__ct__images_log=f"{DONE} 1 s",
        logs__ct__features__original__cnn__train_log=f"Traceback\nValueError: diverged\n{FAILED} 2 s",
    )
    assert state == "failed" and detail.endswith("train.log: ValueError: diverged")


def test_what_was_started_and_has_not_ended_is_told(written):
    state, detail = written(logs__ct__similarity__original__cnn__cosine__0_log="epoch 1\n")
    assert state == "missing" and "started, not ended" in detail


def test_failures_of_other_runs_do_not_count(written):
    assert written(logs__ct__evaluation__original__cnn__ssim_log=f"{FAILED} 1 s") == ("missing", "")


def test_the_listing_counts():
    rows = [(*RUN, "done", ""), (*RUN, "failed", "a.log: no"), (*RUN, "missing", "")]
    lines = listing(rows).splitlines()
    assert lines[0] == "1 done, 1 failed, 1 missing"
    assert lines[2] == "ct  original  cnn  cosine  failed   a.log: no"
