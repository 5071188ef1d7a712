"""Ladders of known leaks: what every method finds of each, over many splits of the same real images.

A ladder has one option of a generator at several levels, from the faintest leak to the strongest, and the generator
that has seen other patients only: no leak. A trial splits the patients anew, trains and samples the generator, and asks
a method whether it tells the used images from the others.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from genprint.encoders import calibration, encode, train, training_set
from genprint.images.datasets import Side, controlled
from genprint.inference.permutation import auc_of_labels, p_values, permuted_labels
from genprint.pairs.comparing import compare
from genprint.plan.runs import method_options
from genprint.plan.sources import declared, registered
from genprint.runtime.progress import counted
from genprint.scoring.evaluation import EVALUATION
from genprint.scoring.evidence import Evidence
from genprint.scoring.scores import SCORE_RULES, score_by
from genprint.variants import variant

NO_LEAK = None
"""The level of the generator that has seen other patients only."""

Method = tuple[str, str, str]
"""Names of a variant, an encoder and a similarity."""

Levels = dict[float | None, tuple[Side, Side]]
"""The real and the generated side at every level; the real one is the same at all of them."""


@dataclass(frozen=True)
class Ladder:
    """A generator of `genprint.generators` with one option at several levels."""

    generator: Mapping
    """Its ``method`` and options, as configured."""
    vary: str
    """The option that makes the ladder."""
    levels: Sequence[float]
    """Values of that option, the faintest leak first. `NO_LEAK` is always tried too, with the last value."""
    shares: Mapping[str, float]
    """Share of the patients in each part, as in `genprint.images.datasets.controlled`."""
    samples: int
    """Number of generated images."""

    def sides(self, images: np.ndarray, table: Mapping[str, npt.ArrayLike], seed: int) -> Levels:
        """The data sets of all levels, of one split of real images (N, H, W) and their table."""
        options = method_options(self.generator)
        steps = [(level, level, "used") for level in self.levels] + [(NO_LEAK, self.levels[-1], "other")]
        return {
            level: controlled(
                images,
                table,
                shares=self.shares,
                trained_on=trained_on,
                generator=self.generator["method"],
                samples=self.samples,
                calibrated_elsewhere=False,
                seed=seed,
                **options | {self.vary: value},
            )
            for level, value, trained_on in steps
        }


def trials(
    images: np.ndarray,
    table: Mapping[str, npt.ArrayLike],
    ladder: Ladder,
    *,
    methods: Sequence[Method],
    settings: Mapping[str, Mapping],
    score_rules: Sequence[str],
    permutations: int,
    seed: int,
    splits: Iterable[int],
) -> dict[str, np.ndarray]:
    """AUC and permutation p of every method at every level of a ladder, one row each, for every one of the splits.

    Both are those of the evaluation half, as an encoder has seen the labels of the calibration half. p is one-sided,
    with the labels permuted among patients. All levels of a split share its random numbers.

    Args:
        images: Real images, uint8 (N, H, W).
        table: Columns image_id, file, sha256, group of the same images.
        ladder: What leaks, and how much.
        methods: What is tried.
        settings: The sections variants, encoders, similarities, features, pairs and scores of the configuration.
        score_rules: Names of `genprint.scoring.scores.SCORE_RULES`.
        permutations: Number of permutations behind each p.
        seed: Everything random derives from it and from the number of the split.
        splits: Numbers of the splits; the rows of one do not depend on the others.

    Returns:
        Columns level (NaN for `NO_LEAK`), split, variant, encoder, similarity, rule, auc, p, p_perfect (the p that the
        truth itself would have as a score: with few patients not even that is small), and how many images and patients
        these are from: n_used, n_not_used, groups_used, groups_not_used.

    Raises:
        ValueError: Unknown score rules; whatever splitting, generating, training and comparing refuse.
    """
    if unknown := [rule for rule in score_rules if rule not in SCORE_RULES]:
        raise ValueError(f"no score rule {', '.join(unknown)}; write some of {', '.join(SCORE_RULES)}")
    rows = []
    for split in splits:
        split_seed = int(np.random.SeedSequence([seed, split]).generate_state(1)[0])
        levels = ladder.sides(images, table, split_seed)
        evidence_of_all = counted(
            _evidence(levels, methods, settings, split_seed), "trials", len(levels) * len(methods)
        )
        scores = {
            (level, split, *method, rule): score_by(rule, evidence, settings["scores"])
            for level, method, evidence in evidence_of_all
            for rule in score_rules
        }
        real, _ = levels[NO_LEAK]
        candidates = real[real.table["label"] != "held_out"].table
        judged = candidates["split"] == EVALUATION
        used, groups = candidates["label"][judged] == "used", candidates["group"][judged]
        perfect = candidates["label"] == "used"
        score = np.column_stack([*scores.values(), perfect])[judged]
        auc = auc_of_labels(used[None], score)[0]
        *p, p_perfect = p_values(auc, auc_of_labels(permuted_labels(used, groups, permutations, [seed, split]), score))
        sizes = (used.sum(), (~used).sum(), len(set(groups[used])), len(set(groups[~used])))
        rows += [(*trial, *found, p_perfect, *sizes) for trial, *found in zip(scores, auc[:-1], p, strict=True)]
        print(f"split {split}: {len(scores)} trials", flush=True)
    names = ("level", "split", "variant", "encoder", "similarity", "rule", "auc", "p", "p_perfect")
    counts = ("n_used", "n_not_used", "groups_used", "groups_not_used")
    columns = dict(zip((*names, *counts), map(np.array, zip(*rows, strict=True)), strict=True))
    return columns | {"level": columns["level"].astype(np.float64)}


def _evidence(
    levels: Levels, methods: Sequence[Method], settings: Mapping[str, Mapping], seed: int
) -> Iterator[tuple[float | None, Method, Evidence]]:
    """What every method knows at every level.

    Levels share samples (those of `copy` are nested), and a pair's similarity depends on nothing but the pair, so each
    distinct image is compared once for all levels; only an encoder that learns from the samples takes them one by one.
    """
    for slug, encoder in dict.fromkeys(method[:2] for method in methods):
        trained = declared(registered("genprint.encoders")[settings["encoders"][encoder]["method"]])["TRAINED"]
        for together in [[level] for level in levels] if trained else [list(levels)]:
            real, _ = levels[together[0]]
            generated, place = _distinct([levels[level][1] for level in together])
            left, right = (
                _varied(own, settings["variants"][slug], seed=seed, slug=slug, side=side)
                for side, own in (("real", real), ("generated", generated))
            )
            constants: dict = {}
            if trained:
                left, right, constants = _features(left, right, place, real.table, settings, encoder, seed)
            for method in methods:
                if method[:2] == (slug, encoder):
                    compared = settings["similarities"][method[2]]
                    options = method_options(compared) | {"device": settings["pairs"]["device"]}
                    to_generated, to_real = (
                        compare(compared["method"], left, other, constants=constants, threads=1, **options)
                        for other in (right, left)
                    )
                    identical = declared(registered("genprint.similarity")[compared["method"]])["IDENTICAL"]
                    for level, columns in zip(together, np.split(place, len(together)), strict=True):
                        yield (
                            level,
                            method,
                            Evidence.from_similarities(
                                to_generated[:, columns], to_real, real.table["label"], identical=identical
                            ),
                        )


def _distinct(sides: Sequence[Side]) -> tuple[Side, np.ndarray]:
    """The distinct images of several sides, and the place among them of every image of one side after the other."""
    images = np.concatenate([side.images for side in sides])
    hashes = np.concatenate([side.table["sha256"] for side in sides])
    _, first, place = np.unique(hashes.astype(str), return_index=True, return_inverse=True)
    return Side(images[first], {"sha256": hashes[first]}), place


def _varied(own: Side, entry: Mapping, **stream: Any) -> np.ndarray:
    return variant(entry["method"], own.images, own.table["sha256"], **stream, **method_options(entry))


def _features(
    real: np.ndarray,
    generated: np.ndarray,
    place: np.ndarray,
    table: Mapping[str, np.ndarray],
    settings: Mapping[str, Mapping],
    encoder: str,
    seed: int,
) -> tuple[np.ndarray, np.ndarray, dict]:
    """Features of both sides by an encoder trained on the calibration half, and the constants to compare them with."""
    entry = settings["encoders"][encoder]
    options = method_options(entry) | {"device": settings["pairs"]["device"]}
    images, labels = training_set(real, generated[place], table)
    with redirect_stdout(None):  # the losses of hundreds of trainings tell nobody anything
        weights = train(entry["method"], images, labels, seed=seed, **options)
    real, generated = (encode(entry["method"], side, weights, **options) for side in (real, generated))
    learnt, _ = training_set(real, generated[place], table)
    return real, generated, calibration(learnt, binarise=settings["features"]["binarise"])
