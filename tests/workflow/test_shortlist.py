"""Pairs that one similarity finds are compared by another, and nothing else is."""

import pyarrow.parquet as pq
import pytest

pytestmark = pytest.mark.workflow
NEAREST = 3


def test_the_nearest_pairs_by_one_similarity_have_the_values_of_another(workflow, small):
    config = small(
        phantom={"patients": 16, "slices": 2, "size": 32, "angles": 18},
        similarities={
            "ssim": {"method": "ssim"},
            "ssim-of-nearest": {
                "method": "ssim",
                "shortlist": {"encoder": "cnn", "similarity": "cosine", "nearest": NEAREST},
            },
            "cosine": {"method": "cosine"},
        },
        runs=[{"variants": ["original"], "encoders": ["pixels"], "similarities": ["ssim", "ssim-of-nearest"]}],
        pairs={"block": 20},
    )
    scores = [f"results/small/leak/scores/original/pixels/{name}.parquet" for name in ("ssim", "ssim-of-nearest")]
    workflow.snakemake(*scores, config=config)
    folder = workflow.folder / "results/small/leak/similarity/original"

    def pairs(of):
        tables = [pq.read_table(file).to_pylist() for file in sorted((folder / of).glob("*.parquet"))]
        return {tuple(row.values())[:2]: row["similarity"] for table in tables for row in table}

    for pairing in ("real-generated", "real-real"):
        everything, listed = pairs(f"pixels/ssim/{pairing}"), pairs(f"pixels/ssim-of-nearest/{pairing}")
        assert 0 < len(listed) < len(everything) / 2
        assert listed == {pair: everything[pair] for pair in listed}
        by_features = pairs(f"cnn/cosine/{pairing}")
        for image in {pair[0] for pair in everything}:
            of_image = [pair for pair in by_features if image in pair]
            nearest = sorted(of_image, key=by_features.get, reverse=True)[:NEAREST]
            assert listed.keys() >= set(nearest)

    rows = pq.read_table(workflow.folder / scores[1]).to_pylist()
    known = {row["rule"] for row in rows if row["score"] is not None}
    assert {"max", "nndr"} <= known and not known & {"mean", "votes"}

    before = pairs("pixels/ssim-of-nearest/real-generated")
    config["similarities"]["cosine"] = {"method": "euclidean"}
    workflow.snakemake(scores[1], config=config)
    after = pairs("pixels/ssim-of-nearest/real-generated")
    assert after.keys() != before.keys(), "another similarity lists other pairs"
