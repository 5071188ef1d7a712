"""Verdicts on releases whose truth is known, from the images on: what a generator saw, and where images come from."""

import os

import cv2
import numpy as np
import pandas as pd
import pytest

from genprint.generators import generate
from genprint.images.datasets import Side, content_hashes, read
from genprint.inference.blind import blind_control
from genprint.inference.sets import set_statistics
from genprint.inference.significance import RunTables, significance
from genprint.plan.protocol import FOLDS
from genprint.plan.runs import Run
from genprint.scoring.evaluation import evaluate
from genprint.scoring.evidence import Evidence
from genprint.similarity import pairwise
from genprint.tables.results import verdicts

from .searched import searched, spikes

pytestmark = pytest.mark.simulation
WHOLE = os.environ.get("GENPRINT_WHOLE") == "1"
SEEDS = range(20 if WHOLE else 2)
SIMILARITIES = ("euclidean", "cosine", "ssim")


def slices(random, patients, *, side=32, of_each=2):
    """Smooth images, much alike within a patient."""
    own = np.stack([cv2.GaussianBlur(field, (0, 0), 3) for field in random.normal(size=(patients, side, side))])
    each = np.stack(
        [cv2.GaussianBlur(field, (0, 0), 1.5) for field in random.normal(size=(patients * of_each, side, side))]
    )
    return np.clip(110 + 300 * np.repeat(own, of_each, axis=0) + 60 * each, 0, 255).astype(np.uint8)


def shrunk(image, random):
    return cv2.copyMakeBorder(image[3:-3, 3:-3], 3, 3, 3, 3, cv2.BORDER_CONSTANT)


SOURCES = {
    "brightness": lambda image, random: np.clip(image.astype(int) + 25, 0, 255).astype(np.uint8),
    "sharpness": lambda image, random: cv2.GaussianBlur(image, (0, 0), 1.2),
    "crop": shrunk,
    "noise": lambda image, random: np.clip(image + random.normal(0, 12, image.shape), 0, 255).astype(np.uint8),
    "anatomy": lambda image, random: np.maximum(image, cv2.circle(np.zeros_like(image), (16, 16), 7, 190, -1)),
}


def verdict_on(used, not_used, generated, *, seed):
    """The row of the verdict on images, two of each patient; copies were searched for and none was found."""
    images = np.concatenate([used, not_used, generated])
    labels = np.repeat(["used", "not_used", "generated"], [len(used), len(not_used), len(generated)])
    table = pd.DataFrame(
        {
            "image_id": [f"i{place:04}" for place in range(len(images))],
            "group": [f"p{place // 2:04}" for place in range(len(images))],
            "label": labels.astype(object),
            "sha256": content_hashes(images),
        }
    )
    real, made = read(images, table, split_into=FOLDS, seed=seed)
    runs = [_run(real, made, name) for name in SIMILARITIES]
    found = significance([tables for tables, _, _ in runs], resamples=50, permutations=199, seed=seed)
    metrics = pd.concat([metrics for _, metrics, _ in runs], ignore_index=True)
    keys = ["variant", "encoder", "similarity", "source", "rule", "threshold_rule", "split"]
    metrics = metrics.merge(found.significance.assign(split="evaluation"), on=keys, how="left")
    metrics = metrics.merge(pd.concat([sets for _, _, sets in runs]), on=keys[:3], how="left")
    methods = {f"{name}_method": metrics[name] for name in ("variant", "encoder", "similarity")}
    control = blind_control(real.images, real.table["label"] == "used", real.table["group"], seed=seed)
    return verdicts(
        metrics.assign(dataset="a", report_as=None, calibrated_by=None, **methods),
        found.selection.assign(dataset="a"),
        searched(),
        spikes(),
        pd.DataFrame([{"dataset": "a", **control._asdict()}]),
        {"a": 1.0},
        {"a": ""},
    ).frame.iloc[0]


def _run(real: Side, made: Side, similarity: str):
    options = {"threads": 1, "device": "cpu"}
    to_generated, to_real = (pairwise(similarity, real.images, side.images, **options) for side in (made, real))
    identical = 0.0 if similarity == "euclidean" else 1.0
    evidence = Evidence.from_similarities(to_generated, to_real, real.table["label"], identical=identical)
    names = Run("a", "original", "pixels", similarity)._asdict()
    scores, thresholds, metrics = (table.assign(**names) for table in evaluate([evidence], real.table))
    sets = set_statistics([evidence], real.table, permutations=99, seed=0)
    return RunTables(scores, thresholds, metrics), metrics, sets.assign(**names).drop(columns="dataset")


@pytest.mark.parametrize("source", SOURCES)
def test_two_sources_are_never_a_leak_of_a_generator_that_saw_nobody(source):
    """Used images are of the source that the generator learnt from, by other patients; the others are of another."""
    kinds = []
    for seed in SEEDS:
        random = np.random.default_rng(seed)
        used, not_used, others = (slices(random, 30) for _ in range(3))
        of_other_source = np.stack([SOURCES[source](image, random) for image in not_used])
        kinds.append(
            verdict_on(used, of_other_source, generate("parzen", others, 120, seed=seed, h=0.3), seed=seed)["kind"]
        )
    assert "leak" not in kinds, kinds


def test_swapped_roles_are_said_in_words():
    for seed in range(20 if WHOLE else 3):
        random = np.random.default_rng(seed)
        used, not_used = slices(random, 30), slices(random, 30)
        row = verdict_on(used, not_used, generate("parzen", not_used, 120, seed=seed, h=0.2), seed=seed)
        assert row["kind"] == "cannot-say" and "are the roles swapped?" in row["text"], row["text"]


def test_a_leak_is_one_and_what_saw_nobody_is_none():
    leaks, found = [], []
    for seed in range(20 if WHOLE else 3):
        random = np.random.default_rng(seed)
        used, not_used, others = (slices(random, 30) for _ in range(3))
        of_used = verdict_on(used, not_used, generate("parzen", used, 120, seed=seed, h=0.3), seed=seed)
        found.append(of_used["kind"] == "leak")
        # The controls of the labels are tests, too, and read labels where nobody could once in 20 times.
        assert found[-1] or "without any generated image, too" in of_used["text"], of_used["text"]
        assert of_used["nearer_to_used"] > 0.9
        of_others = verdict_on(used, not_used, generate("parzen", others, 120, seed=seed, h=0.3), seed=seed)
        leaks.append(of_others["kind"] == "leak")
    assert sum(leaks) <= (3 if WHOLE else 1) and sum(found) >= len(found) - (3 if WHOLE else 1)
