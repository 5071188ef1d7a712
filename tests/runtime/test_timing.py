import pytest

from genprint.runtime import timing


class Clock:
    """Time that passes when it is told to."""

    now = 0.0

    def perf_counter(self):
        return self.now

    def pass_(self, seconds):
        self.now += seconds


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(timing, "time", clock)
    monkeypatch.setattr(timing, "_seconds", 0.0)
    return clock


def test_work_inside_of_work_counts_once(clock):
    with timing.work():
        clock.pass_(1)
        with timing.work():
            clock.pass_(2)
    assert timing.seconds_of_work() == 3


def test_other_time_does_not_count(clock):
    clock.pass_(1)
    with timing.preparation():
        clock.pass_(2)
    assert timing.seconds_of_work() == 0


def test_preparation_is_taken_off_and_failed_work_counts(clock):
    @timing.work()
    def compare():
        with timing.preparation():
            clock.pass_(1)
        clock.pass_(2)
        raise ValueError

    for _ in range(2):
        with pytest.raises(ValueError):
            compare()
    assert timing.seconds_of_work() == 4
