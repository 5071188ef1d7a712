from genprint.runtime.lost_jobs import LostJobs, known_jobs, words


def test_a_job_that_is_missed_for_long_is_told_of_once():
    lost = LostJobs(patience=120)
    assert lost.look(["1", "2"], {"1", "2"}, 0) == []
    assert lost.look(["1", "2"], {"1"}, 20) == []
    assert lost.look(["1", "2"], {"1"}, 139) == []
    assert lost.look(["1", "2"], {"1"}, 140) == ["2"]
    assert lost.look(["1", "2"], {"1"}, 160) == []


def test_a_job_that_comes_back_or_has_ended_is_not_lost():
    lost = LostJobs(patience=120)
    lost.look(["1", "2"], set(), 0)
    assert lost.look(["1", "2"], {"1"}, 100) == []
    assert lost.look([], set(), 130) == []  # while Snakemake looks at them itself, there are none for a moment
    assert lost.look(["1"], set(), 140) == []
    assert lost.look(["1"], set(), 260) == ["1"]


def test_nobody_is_missed_by_a_controller_that_is_down():
    lost = LostJobs(patience=120)
    lost.look(["1"], set(), 0)
    assert lost.look(["1"], None, 100) == []
    assert lost.look(["1"], set(), 200) == []
    assert lost.look(["1"], set(), 320) == ["1"]


def test_without_slurm_nothing_is_known(monkeypatch):
    monkeypatch.setenv("PATH", "/nonexistent")
    assert known_jobs() is None


def test_what_to_type():
    assert words(["7"]).startswith("SLURM no longer knows job 7. If the run waits for nothing else, press Ctrl-C once")
    assert "jobs 7, 8" in words(["7", "8"])
