import errno

import pytest

from genprint.plan.runs import Plan, Run, pairs
from genprint.runtime.failures import HEADING, explained, logged_failure
from genprint.runtime.overview import failure, findings, planned


def test_the_plan_is_counted_and_what_is_left_out_has_its_reason():
    plan = Plan(
        (Run("a", "original", "pixels", "ssim"), Run("b", "original", "pixels", "ssim")), frozenset(), ("x: y",)
    )
    assert list(planned(plan, 1234)) == ["Planned: 2 runs on 2 data sets, 1,234 pairs of images.", "Left out: x: y."]
    one = Plan(plan.runs[:1], frozenset(), ())
    assert list(planned(one, 1)) == ["Planned: 1 run on 1 data set, 1 pairs of images."]


def test_pairs_of_a_symmetric_pairing_count_once():
    assert pairs(4, 5, symmetric=False) == 20
    assert pairs(4, 4, symmetric=True) == 6


def test_findings_are_the_verdicts_and_where_to_read_on(tmp_path):
    verdicts, report = tmp_path / "tables/verdicts.csv", tmp_path / "report.html"
    verdicts.parent.mkdir()
    verdicts.write_text('dataset,kind,verdict,text\nleak,leak,leak detected,"Used images, told."\n')
    shown = findings([report, tmp_path / "tables/verdicts.md", verdicts, tmp_path / "submissions/test.zip"])
    assert shown.splitlines() == [
        "",
        "leak: leak detected. Used images, told.",
        "",
        f"Run files: {tmp_path / 'submissions/test.zip'}",
        f"Report: {report}",
    ]


def test_nothing_is_found_where_nothing_was_asked_for(tmp_path):
    assert findings([tmp_path / "features.npy"]) == ""


def test_each_cause_of_failures_is_told_once():
    log = f"Traceback\nValueError: x\n\n{HEADING}\na.png is empty\nRemove it.\n\nfailed after 1 s\n"
    shown = failure({"one.log": log, "two.log": log, "three.log": "half a line"})
    assert shown.count("a.png is empty\nRemove it.") == 1
    assert "(log: one.log and 1 more)" in shown
    assert "stopped without a message" in shown and "(log: three.log)" in shown


def test_who_stops_a_run_is_not_told_of_a_lack_of_memory():
    shown = failure({"one.log": "half\n", "two.log": ""}, interrupted=True)
    assert shown == "\nStopped, as you asked. Type the same command again to go on: what is finished stays."
    shown = failure({"one.log": "half\n", "two.log": f"\n{HEADING}\nno file x\n\n"}, interrupted=True)
    assert "no file x" in shown and "without a message" not in shown
    assert shown.endswith("type the same command again: what is finished stays.")


def test_a_log_without_a_failure_has_no_explanation():
    assert logged_failure("epoch 1\ndone in 1 s\n") is None


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "a.npy"), "The disk is full (a.npy): free some space"),
        (OSError("1572864 requested and 421760 written"), "The disk is full: free some space"),  # as numpy has it
        (
            PermissionError(errno.EACCES, "Permission denied", "a.npy"),
            "Not allowed to open or write (a.npy): change its",
        ),
        (OSError(errno.EROFS, "Read-only file system", "a.npy"), "Not allowed to open or write (a.npy): change its"),
        (MemoryError(), "The memory is full: write a smaller `pairs.block`"),
        (OSError(errno.ENOMEM, "Cannot allocate memory", "a.npy"), "The memory is full: write a smaller"),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried"), "The memory is full"),
        (RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB"), "The memory is full"),
        (
            OSError(errno.EMFILE, "Too many open files", "a.npy"),
            "Too many files are open at once (a.npy): type `ulimit",
        ),
        (OSError(errno.EIO, "Input/output error", "a.npy"), "The disk fails (a.npy): copy what is on it"),
        (ValueError("out of memory.png: truncated"), "out of memory.png: truncated"),
        (ValueError("a.png: truncated"), "a.png: truncated"),
        (KeyError("a"), "KeyError: 'a'. This is a mistake of genprint itself: please report it"),
    ],
)
def test_a_failure_is_explained(error, words):
    assert explained(error).startswith(words)
