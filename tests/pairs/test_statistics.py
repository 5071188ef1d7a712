import math

import numpy as np

from genprint import files
from genprint.pairs import shards
from genprint.pairs.statistics import similarity_statistics


def test_hand_computed(tmp_path):
    origin = files.provenance(code="", seed=0)
    real, generated = ["u", "n", "h"], ["g1", "g2"]
    labels = {"u": "used", "n": "not_used", "h": "held_out"}
    grid = np.divmod(np.arange(6), 2)
    shards.write_pairs(
        tmp_path / "rg",
        "real-generated",
        (real, generated),
        grid,
        np.array([0.2, 0.4, 0, 0.2, 1, 1]),
        origin,
    )
    upper = np.triu_indices(3, 1)
    shards.write_pairs(tmp_path / "rr", "real-real", (real, real), upper, np.array([0.5, 1, 1]), origin)
    made = dict.fromkeys(generated, "generated")
    table = similarity_statistics(
        {
            "real-generated": shards.read_pairs([tmp_path / "rg"]),
            "real-real": shards.read_pairs([tmp_path / "rr"]),
        },
        {"real-generated": (labels, made), "real-real": (labels, labels)},
    )
    rows = {subset: row for subset, *row in table.itertuples(index=False)}
    assert rows["Real-Real"][0] == 1 and rows["Real-Real"][1] == 0.5
    assert np.allclose(rows["Generated-Real"], [4, 0.2, 0, 0.4])
    assert np.allclose(rows["Generated-Used"], [2, 0.3, 0.2, 0.4])
    assert np.allclose(rows["Generated-Not Used"], [2, 0.1, 0, 0.2])
    assert rows["Generated-Generated"][0] == 0 and math.isnan(rows["Generated-Generated"][1])
