"""The benchmark of the pair kernels: what it calls a peer, and what it says of a contest."""

import importlib.util
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from genprint.similarity import pairwise

SCRIPT = Path(__file__).resolve().parents[1] / "scripts/peers.py"


@pytest.fixture(scope="module")
def peers():
    spec = importlib.util.spec_from_file_location("peers", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_plain_3_ssim_is_that_of_the_kernel(peers):
    images = peers._slices(64, 3)
    plain = [[peers.three_component_ssim(x, y) for y in images] for x in images]
    np.testing.assert_allclose(pairwise("ssim3", images, images), plain, atol=1e-6)


def test_a_contest_has_medians_of_ratios_and_the_largest_difference(peers, monkeypatch):
    def ours(a, b):
        return a @ b.T

    def theirs(a, b):
        return a @ b.T + 0.25

    seconds = {ours: 1.0, theirs: 0.5}  # for 60 x 60 pairs, and for 10 x 10; 3 for the product in float32
    monkeypatch.setattr(peers, "_seconds", lambda function, *_: seconds.get(function, 3.0))
    vectors = np.random.default_rng(0).random((60, 50))
    (row,) = peers._contest(peers.Case("product", "50", (vectors, vectors), ours, 10, {"theirs": theirs}))
    speeds = {"pairs_per_second": 3600, "peer_pairs_per_second": 200, "ratio": 18, "share_of_sgemm": 3}
    assert {name: row[name] for name in speeds} == speeds
    assert row["largest_difference"] == pytest.approx(0.25)


def test_people_get_every_row_and_the_number_of_rounds(peers):
    row = {"kernel": "ssim", "size": "64 x 64", "peer": "numpy", "pairs_per_second": 4e5, "peer_pairs_per_second": 2e3}
    table = pd.DataFrame([row | {"ratio": 200.0, "largest_difference": 1.5e-8, "share_of_sgemm": 0.07}] * 2)
    text = peers.markdown(table)
    assert text.count("| ssim") == 2 and "1.5e-08" in text and f"{peers.ROUNDS} rounds" in text
