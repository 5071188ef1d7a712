import numpy as np
import pandas as pd
import pytest

from genprint import files
from genprint.images.parts import ANY, models
from genprint.pairs import shards
from genprint.pairs.comparing import known
from genprint.plan.runs import REAL_GENERATED, REAL_REAL, block_slices, blocks
from genprint.scoring.evidence import Evidence, read_evidence
from genprint.scoring.scores import SCORE_RULES, score_by

ORIGIN = files.provenance(code="", seed=0)
REALS, GENERATED = 23, 31
LABELS = (["used", "not_used", "held_out"] * 8)[:REALS]


def images(folds=0):
    """The real images; with folds, every labelled one is in one of them, in turn."""
    fold_of = [f"fold-{place // 3 % folds + 1}" if folds else None for place in range(REALS)]
    split = [None if label == "held_out" else fold for label, fold in zip(LABELS, fold_of, strict=True)]
    return pd.DataFrame({"image_id": np.arange(REALS).astype(str), "label": LABELS, "split": split})


def stored(folder, pairing, similarity, block, top):
    """A matrix as the pipeline stores it."""
    symmetric = pairing == REAL_REAL
    files = []
    for name in blocks(*similarity.shape, block, symmetric=symmetric):
        rows, columns = block_slices(name, block)
        positions = known(similarity[rows, columns], upper=symmetric and rows == columns, top=top)
        ids = [
            np.arange(n).astype(str)[part].tolist() for n, part in zip(similarity.shape, (rows, columns), strict=True)
        ]
        files.append(folder / f"{pairing}-{name}.parquet")
        values = similarity[rows, columns][positions]
        shards.write_pairs(files[-1], pairing, ids, positions, values, ORIGIN)
    return files


@pytest.fixture(params=[None, 1, 3, 8, 40])
def top(request):
    return request.param


@pytest.fixture(params=[0, 1])
def matrices(request):
    """Random similarities, in the second case with many ties."""
    rng = np.random.default_rng(7)
    real_generated, real_real = rng.random((REALS, GENERATED)), rng.random((REALS, REALS))
    real_real = np.maximum(real_real, real_real.T)
    if request.param:
        real_generated, real_real = np.round(real_generated, 1), np.round(real_real, 1)
    return real_generated.astype(np.float32), real_real.astype(np.float32)


@pytest.mark.parametrize("block", [7, 100])
def test_scores_are_those_of_the_whole_matrices(tmp_path, matrices, block, top):
    """The way of the shards: whatever was kept, streaming gives what all pairs in memory give."""
    files = [stored(tmp_path, *which, block, top) for which in zip((REAL_GENERATED, REAL_REAL), matrices, strict=True)]
    ids = [np.arange(n).astype(str).tolist() for n in (REALS, GENERATED)]
    (streamed,), nearest = read_evidence(*files, images(), ids[1], learnt=False, identical=1, top=top)
    whole = Evidence.from_similarities(
        shards.read_matrix(files[0], *ids, symmetric=False),
        shards.read_matrix(files[1], ids[0], ids[0], symmetric=True),
        LABELS,
        identical=1,
        top=top,
    )
    candidates = np.array(LABELS) != "held_out"
    assert nearest["image_id"].tolist() == np.flatnonzero(candidates).astype(str).tolist()
    assert nearest["nearest"].tolist() == matrices[0].argmax(axis=1)[candidates].astype(str).tolist()
    assert nearest["nearest_similarity"].tolist() == matrices[0].max(axis=1)[candidates].tolist()
    assert streamed.thinned == whole.thinned
    for rule in SCORE_RULES:
        np.testing.assert_array_equal(score_by(rule, streamed), score_by(rule, whole), err_msg=rule)


def test_no_matrix_is_made_where_only_the_nearest_were_kept(tmp_path, matrices, monkeypatch):
    files = [stored(tmp_path, *which, 7, 3) for which in zip((REAL_GENERATED, REAL_REAL), matrices, strict=True)]
    ids = [np.arange(n).astype(str).tolist() for n in (REALS, GENERATED)]
    monkeypatch.setattr(shards, "_PAIRS_AT_ONCE", 50)  # merge often
    (streamed,), _ = read_evidence(*files, images(), ids[1], learnt=False, identical=1, top=3)
    assert streamed.distance_generated.shape[1] < GENERATED and streamed.distance_real.shape[1] < REALS
    assert np.isfinite(score_by("max", streamed)).all()


def test_a_missing_shard_does_not_pass_for_far_images(tmp_path, matrices):
    files = [stored(tmp_path, *which, 7, 3) for which in zip((REAL_GENERATED, REAL_REAL), matrices, strict=True)]
    ids = [np.arange(n).astype(str).tolist() for n in (REALS, GENERATED)]
    first_row = [file for file in files[0] if "generated-0-" in file.name]
    with pytest.raises(ValueError, match="7 images have fewer than the 3 pairs"):
        left = [file for file in files[0] if file not in first_row]
        read_evidence(left, files[1], images(), ids[1], learnt=False, identical=1, top=3)


@pytest.mark.parametrize("block", [7, 100])
def test_each_fold_of_a_learnt_encoder_has_the_evidence_about_its_own_images(tmp_path, matrices, block, top):
    """Pairs of two folds are not there, because two encoders see them; whatever was kept, nothing else is missing."""
    table = images(folds=3)
    model = models(table["split"], table["label"])
    real_generated, real_real = matrices
    strangers = (model[:, None] != model) & (model[:, None] != ANY) & (model != ANY)
    real_real = np.where(strangers, np.nan, real_real)
    files = [
        stored(tmp_path, *which, block, top) for which in ((REAL_GENERATED, real_generated), (REAL_REAL, real_real))
    ]
    found, nearest = read_evidence(
        *files, table, np.arange(GENERATED).astype(str).tolist(), learnt=True, identical=1, top=top
    )
    assert len(found) == 3
    for number, evidence in enumerate(found):
        own = (model == number) | (model == ANY)
        whole = Evidence.from_similarities(
            real_generated[own], real_real[np.ix_(own, own)], table["label"][own], identical=1
        )
        for rule in ("max", "calibrated-ratio", "dcr-difference", "identifiability"):
            scores, expected = (score_by(rule, one, OPTIONS) for one in (evidence, whole))
            known = ~np.isnan(scores)
            np.testing.assert_array_equal(scores[known], expected[known], err_msg=rule)
            assert known.any() or top == 1, rule
    assert len(nearest) == np.count_nonzero(model != ANY)


OPTIONS = {"nearest": 1}
