from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genprint.plan import runs


def settings(**changes):
    return {
        "datasets": {"a": {"calibrated_by": None}, "b": {"calibrated_by": "a"}},
        "variants": {"original": {"method": "original"}},
        "encoders": {"pixels": {"method": "pixels"}, "cnn": {"method": "cnn"}},
        "similarities": {"ssim3": {"method": "ssim3"}, "cosine": {"method": "cosine"}},
        "runs": [block()],
    } | changes


def block(**changes):
    names = ("datasets", "variants", "encoders", "similarities")
    return dict.fromkeys(names, "all") | {"generated_generated": False} | changes


def test_impossible_pairs_are_dropped_once_with_a_reason():
    plan = runs.plan(settings())
    assert plan.dropped == ("cnn x ssim3: ssim3 compares images, cnn yields vectors",)
    assert len(plan.runs) == 2 * 3
    assert not any(run.encoder == "cnn" and run.similarity == "ssim3" for run in plan.runs)


def test_a_calibrated_run_brings_its_calibrator():
    plan = runs.plan(settings(runs=[block(datasets=["b"], encoders=["pixels"], similarities=["cosine"])]))
    assert [run.dataset for run in plan.runs] == ["a", "b"]


def test_overlapping_blocks_do_not_repeat_runs():
    once = runs.plan(settings())
    twice = runs.plan(settings(runs=[block(), block(similarities=["cosine"], generated_generated=True)]))
    assert sorted(once.runs) == sorted(twice.runs)
    assert {run.similarity for run in twice.generated_generated} == {"cosine"}


@given(st.integers(0, 9), st.integers(1, 4), st.booleans())
def test_blocks_cover_every_pair_once(count, size, symmetric):
    seen = []
    for name in runs.blocks(count, count, size, symmetric=symmetric):
        rows, columns = runs.block_slices(name, size)
        pairs = product(range(count)[rows], range(count)[columns])
        seen += [(i, j) for i, j in pairs if not symmetric or rows != columns or i < j]
    wanted = [(i, j) for i, j in product(range(count), repeat=2) if not symmetric or i < j]
    assert sorted(seen) == sorted(wanted)


def test_a_second_block_of_images_leaves_the_first_names_alone():
    assert set(runs.blocks(10, 10, 10, symmetric=False)) <= set(runs.blocks(20, 30, 10, symmetric=False))


def test_every_pairing_has_a_table():
    from genprint.pairs.shards import PAIRS

    assert PAIRS.keys() == runs.SIDES.keys()


@pytest.mark.parametrize(("method", "noise"), [("gaussian-noise", True), ("gaussian", False), ("original", False)])
def test_noise_is_what_its_method_declares(method, noise):
    assert runs.draws_at_random({"method": method}) is noise
