"""Trials of known leaks: the controls behave, and nothing depends on how the work is shared."""

import os
from functools import partial

import numpy as np
import pandas as pd
import pytest
from scipy.ndimage import gaussian_filter
from scipy.stats import binom

from genprint.images.datasets import content_hashes, controlled
from genprint.images.splits import split_patients
from genprint.limits.ladders import Ladder, trials
from genprint.plan.protocol import FOLDS, HALVES
from genprint.scoring.metrics import auc
from genprint.similarity import pairwise

SPLITS = 200 if os.environ.get("GENPRINT_WHOLE") == "1" else 100
SHARES = {"used": 0.4, "not_used": 0.4, "held_out": 0.0, "other": 0.2}
SPLIT = partial(split_patients, shares=SHARES)
EXACT = {"method": "copy", "share": 1.0, "shift": 0, "intensity": 0.0, "noise": 0.0}
SETTINGS = {
    "variants": {"original": {"method": "original"}, "noise": {"method": "gaussian-noise", "sigma": 10}},
    "encoders": {"pixels": {"method": "pixels"}, "cnn": {"method": "cnn", "steps": 5}},
    "similarities": {name: {"method": name} for name in ("euclidean", "cosine", "ssim", "ssim3")}
    | {"jaccard": {"method": "jaccard", "threshold": 127}},
    "features": {"binarise": "median"},
    "pairs": {"device": "cpu"},
    "scores": {"nearest": 5, "quantile": 0.05, "neighbourhood": 20},
}
PIXELS = [("original", "pixels", name) for name in SETTINGS["similarities"]]


def patients(count, slices, size=16, seed=0):
    """Smooth random images; those of a patient resemble each other."""
    random = np.random.default_rng(seed)
    own, each = (random.standard_normal((count, number, size, size)) for number in (1, slices))
    images = gaussian_filter((own + 0.5 * each).reshape(-1, size, size), (0, 1.5, 1.5))
    images = np.clip(128 + 200 * images, 0, 255).astype(np.uint8)
    return images, table_of(images, np.repeat(np.arange(count), slices))


def table_of(images, groups):
    names = [f"{number:03d}" for number in range(len(images))]
    columns = {"image_id": names, "file": None, "sha256": content_hashes(images)}
    return pd.DataFrame(columns | {"group": [f"patient-{group}" for group in groups]})


def tried(images, table, ladder, methods, *, splits=range(1), rules=("max",), permutations=199):
    options = {"settings": SETTINGS, "score_rules": rules, "permutations": permutations, "seed": 7}
    return trials(images, table, ladder, methods=methods, splits=splits, **options).trials


@pytest.fixture(scope="module")
def many_splits():
    """Many splits of 40 patients: a few copies of used images at two shares, and the generator that leaks nothing."""
    images, table = patients(40, 2)
    ladder = Ladder({"method": "copy"}, "share", [0.05, 0.2], SPLIT, 40, FOLDS)
    return tried(images, table, ladder, [("original", "pixels", "euclidean")], splits=range(SPLITS))


@pytest.mark.simulation
def test_what_leaks_nothing_is_found_no_more_often_than_false_alarms_allow(many_splits):
    false_alarms = (many_splits["p"][np.isnan(many_splits["level"])] < 0.05).sum()
    assert binom.ppf(0.005, SPLITS, 0.05) <= false_alarms <= binom.ppf(0.995, SPLITS, 0.05)


@pytest.mark.simulation
def test_where_nothing_leaks_auc_and_p_are_those_of_chance(many_splits):
    none = np.isnan(many_splits["level"])
    assert many_splits["auc"][none].mean() == pytest.approx(0.5, abs=0.03)
    assert many_splits["p"][none].mean() == pytest.approx(0.5, abs=0.08)


@pytest.mark.simulation
def test_more_copies_are_found_more_often(many_splits):
    found = [many_splits["p"][many_splits["level"] == share] < 0.05 for share in (0.05, 0.2)]
    assert 0.05 < found[0].mean() < 0.9
    assert found[1].mean() > found[0].mean()


def test_exact_copies_have_an_auc_of_1_with_every_method():
    images, table = patients(24, 2, size=32)
    ladder = Ladder(EXACT, "noise", [1.0, 0.0], SPLIT, 60, FOLDS)
    methods = [*PIXELS, ("noise", "pixels", "ssim"), ("original", "cnn", "cosine")]
    found = tried(images, table, ladder, methods)
    exact = found["level"] == 0
    assert exact.sum() == len(methods)
    np.testing.assert_array_equal(found["auc"][exact], 1)
    assert (found["p"][exact] < 0.05).all()


def test_the_search_finds_exact_copies_one_by_one_and_on_average_and_nothing_where_nothing_leaks():
    images, table = patients(24, 2, size=32)
    ladder = Ladder(EXACT | {"share": 1.0}, "share", [0.2, 1.0], SPLIT, 40, FOLDS)
    options = {"settings": SETTINGS, "score_rules": ("max",), "permutations": 99, "seed": 7, "nearest": 2}
    found = trials(images, table, ladder, methods=PIXELS[:1], splits=[0], **options)
    rows = found.trials[found.trials["similarity"] == "search"].set_index(["rule", "level"])
    assert rows.loc["copies", "p"].tolist() == [0, 0, 1] and rows.loc["copies", "auc"].isna().all()
    assert rows.loc[("max", 1.0), "auc"] == 1 and rows.loc[("max", 1.0), "p"] == 0.01
    releases = found.releases.set_index("level")
    assert releases["copied"].tolist() == [8, 40, 0]
    assert releases["copied_withheld"].tolist() == releases["n_copies"].tolist() == [8, 40, 0]
    assert releases.loc[1.0, "n_mem"] == releases.loc[1.0, "used"]


def test_what_was_made_of_the_first_split_can_be_looked_at():
    images, table = patients(20, 2)
    ladder = Ladder(EXACT, "share", [0.5, 1.0], SPLIT, 12, FOLDS)
    options = {"methods": PIXELS[:1], "settings": SETTINGS, "score_rules": ["max"], "permutations": 9, "seed": 7}
    pictures = trials(images, table, ladder, splits=[0, 1], **options).pictures
    assert list(pictures) == ["used, n = 16", "share 0.5", "share 1", "no leak: of other patients"]
    used, half, exact, none = pictures.values()
    real, copies = ({image.tobytes() for image in of} for of in (images, exact))
    assert len(used) == 10 and {image.tobytes() for image in used} < real and copies < real
    assert {image.tobytes() for image in used} & copies, "what is shown as used is what was copied"
    assert [len(samples) for samples in (half, exact, none)] == [10, 10, 10]
    again = trials(images, table, ladder, splits=[0], **options).pictures
    assert all((again[title] == pictures[title]).all() for title in pictures)


def test_images_that_are_all_the_same_are_no_leak_and_no_crash():
    images = np.full((40, 16, 16), 90, np.uint8)
    table = table_of(images, np.arange(40))
    found = tried(images, table, Ladder(EXACT, "share", [0.5, 1.0], SPLIT, 30, FOLDS), PIXELS)
    np.testing.assert_array_equal(found["auc"], 0.5)
    np.testing.assert_array_equal(found["p"], 1)


@pytest.mark.parametrize("perturbed", [{}, EXACT])
def test_comparing_each_distinct_image_once_equals_comparing_all(perturbed):
    images, table = patients(30, 2)
    generator = {"method": "copy"} | perturbed
    shares = [0.1, 0.4, 1.0]
    found = tried(images, table, Ladder(generator, "share", shares, SPLIT, 50, FOLDS), PIXELS, splits=[3])
    split_seed = int(np.random.SeedSequence([7, 3]).generate_state(1)[0])
    for share in shares:
        real, generated = controlled(
            images,
            table,
            parts=split_patients(table["group"], SHARES, split_seed),
            trained_on="used",
            generator=generator | {"share": share},
            samples=50,
            split_into=FOLDS,
            seed=split_seed,
        )
        judged = real.where(real.table["split"].notna())
        for _, _, similarity in PIXELS:
            settings = SETTINGS["similarities"][similarity]
            nearest = pairwise(
                similarity,
                judged.images,
                generated.images,
                **{name: value for name, value in settings.items() if name != "method"},
            ).max(axis=1)
            wanted = auc((judged.table["label"] == "used").to_numpy(), nearest)
            assert found["auc"][(found["level"] == share) & (found["similarity"] == similarity)].item() == wanted


def test_a_split_does_not_depend_on_the_others():
    images, table = patients(20, 2)
    ladder = Ladder({"method": "parzen"}, "h", [0.9, 0.2], SPLIT, 20, FOLDS)
    together, alone = (tried(images, table, ladder, PIXELS[:2], splits=splits) for splits in ([0, 1, 2], [1]))
    rows = together["split"] == 1
    for name, column in alone.items():
        np.testing.assert_array_equal(together[name][rows], column)


def test_a_rule_without_the_images_it_needs_has_no_p():
    images, table = patients(20, 1)
    ladder = Ladder({"method": "copy"}, "share", [0.5, 1.0], SPLIT, 20, FOLDS)
    found = tried(images, table, ladder, PIXELS[:1], rules=("max", "dpi"))
    assert np.isnan(found["p"][found["rule"] == "dpi"]).all()
    assert not np.isnan(found["p"][found["rule"] == "max"]).any()


def test_an_unknown_score_rule_is_an_error():
    images, table = patients(20, 1)
    ladder = Ladder({"method": "copy"}, "share", [0.5, 1.0], SPLIT, 20, FOLDS)
    with pytest.raises(ValueError, match="no score rule nearest, best; write some of max, mean"):
        tried(images, table, ladder, PIXELS[:1], rules=("nearest", "max", "best"))


def test_one_patient_against_many_proves_nothing():
    """As soon as one patient has half of the images, labels that change hands by patient hardly change."""
    images, _ = patients(60, 1)
    table = table_of(images, [*range(12), *[12] * 12, *[13] * 12, *[14] * 12, *[15] * 12])
    found = tried(images, table, Ladder(EXACT, "noise", [1.0, 0.0], SPLIT, 40, HALVES), PIXELS[:1], splits=range(4))
    np.testing.assert_array_equal(found["auc"][found["level"] == 0], 1)
    assert (found["p_perfect"] <= found["p"]).all()
    assert (found["p_perfect"] > 0.05).any()
