"""Ladders of known leaks: what every method finds of each, over many splits of the same real images.

A ladder has one option of a generator at several levels, from the faintest leak to the strongest, and the generator
that has seen other patients only: no leak. A trial splits the patients anew, trains and samples the generator, and asks
a method whether it tells the used images from the others.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from genprint.columns import COUNT, GROUPS_NOT_USED, GROUPS_USED, LADDER, LEVEL, NUMBER, RULE, RUN, P, column, schema
from genprint.encoders import learn
from genprint.generators import copied
from genprint.images.datasets import Side, controlled
from genprint.images.parts import ANY, judged, judged_parts
from genprint.inference.permutation import auc_of_labels, p_values_of_folds, tpr_of_labels
from genprint.inference.relabelling import permuted_labels
from genprint.inference.significance import SPREAD
from genprint.limits.curves import COPIES, SEARCH
from genprint.limits.releases import RELEASES, row_of, searches
from genprint.pairs.comparing import Compared, compare_sides
from genprint.plan.runs import method_options
from genprint.plan.sources import declared, registered
from genprint.runtime.progress import counted
from genprint.scoring.evaluation import scores_of_parts
from genprint.scoring.evidence import Evidence, evidence_of_parts, parts_of_models
from genprint.scoring.metrics import BUDGETS, COUNT_COLUMNS, METRIC_COLUMNS
from genprint.scoring.scores import SCORE_RULES
from genprint.variants import variant

NO_LEAK = None
"""The level of the generator that has seen other patients only."""

TPR = "tpr_at_1_percent_fpr"
PICTURES = 10  # of each level, for a sheet that people look at

TRIALS = schema(
    "a row for each trial of a ladder of leaks (target `limits`)",
    *(LADDER, LEVEL),
    column("split", COUNT, "number of the split of the patients"),
    *(*RUN, RULE, METRIC_COLUMNS["auc"], METRIC_COLUMNS[TPR], P),
    column(
        "p_perfect", NUMBER, "the p that the truth itself would have; where it is not small, there are too few patients"
    ),
    *(COUNT_COLUMNS["n_used"], COUNT_COLUMNS["n_not_used"], GROUPS_USED, GROUPS_NOT_USED),
)

Method = tuple[str, str, str]
"""Names of a variant, an encoder and a similarity."""

Levels = dict[float | None, tuple[Side, Side]]
"""The real and the generated side at every level; the real one is the same at all of them."""


@dataclass(frozen=True)
class Ladder:
    """A generator of `genprint.generators` with one option at several levels."""

    generator: Mapping
    """The ``method`` of the generator and its options, as configured."""
    vary: str
    """The option that makes the ladder."""
    levels: Sequence[float]
    """The values of that option, the faintest leak first."""
    parts: Callable[..., list[str | None]]
    """Chooses the part of each image, given ``groups`` and ``seed`` (`genprint.images.splits`)."""
    samples: int
    """The number of generated images."""
    split_into: Sequence[str]
    """The parts that labelled images are split into, as in `genprint.images.datasets.read`."""
    control: bool = True
    """Whether `NO_LEAK` is tried too, with the last value."""

    def sides(self, images: np.ndarray, table: pd.DataFrame, seed: int) -> Levels:
        """Return the data sets of all levels, of one split of real images (N, H, W) and their table."""
        parts = self.parts(groups=table["group"].tolist(), seed=seed)
        return {
            level: controlled(
                images,
                table,
                parts=parts,
                trained_on=trained_on,
                generator=self._generator(level),
                samples=self.samples,
                split_into=self.split_into,
                seed=seed,
            )
            for level, trained_on in self._steps()
        }

    def copied(self, level: float | None, seed: int) -> np.ndarray | None:
        """Tell which generated images of a level are copies of used ones, bool (samples,); None if nobody knows."""
        if level is NO_LEAK:
            return np.zeros(self.samples, bool)
        name, options = self.generator["method"], method_options(self._generator(level))
        return copied(name, self.samples, seed=seed, **options)

    def _steps(self) -> list[tuple[float | None, str]]:
        return [*((level, "used") for level in self.levels), *[(NO_LEAK, "other")] * self.control]

    def _generator(self, level: float | None) -> Mapping:
        return {**self.generator, self.vary: self.levels[-1] if level is NO_LEAK else level}


class Trials(NamedTuple):
    """The trials of a ladder."""

    trials: pd.DataFrame
    """By `TRIALS`, without ladder; the level of `NO_LEAK` is NaN."""
    releases: pd.DataFrame
    """By `RELEASES`, without ladder; without rows where copies are not searched for."""
    pictures: dict[str, np.ndarray]
    """Of the first split, by title: images uint8 (N, H, W) that were used, and generated ones of every level."""


def trials(
    images: np.ndarray,
    table: pd.DataFrame,
    ladder: Ladder,
    *,
    methods: Sequence[Method],
    settings: Mapping[str, Mapping],
    score_rules: Sequence[str],
    permutations: int,
    seed: int,
    splits: Iterable[int],
    nearest: int | None = None,
) -> Trials:
    """Try every method, and the search for copies, at every level of a ladder on each of the splits.

    AUC and p of a method are those of all images that are judged: of the evaluation half, or of all images, each by an
    encoder that has not seen its fold. p is one-sided, with the labels permuted among the patients of a fold, and
    allows for how much what cross-fitted encoders say varies (`genprint.inference.significance.SPREAD`).

    The search has two rows: by the rule "max" the score of a real image is the registered correlation with its nearest
    generated image; by `COPIES` there is no AUC, and p is 0 where any image is withheld, else 1. All levels of a split
    share its random numbers.

    Args:
        images: Real images, uint8 (N, H, W).
        table: Columns image_id, file, sha256, group of the same images.
        ladder: What leaks, and how much.
        methods: What is tried.
        settings: The sections variants, encoders, similarities, features, pairs and scores of the configuration.
        score_rules: Names of `genprint.scoring.scores.SCORE_RULES`.
        permutations: Number of permutations behind each p; 0 for none.
        seed: Everything random derives from it and from the number of the split.
        splits: Numbers of the splits; the rows of one do not depend on the others.
        nearest: Candidates of every image in the search for copies; None does not search.

    Raises:
        ValueError: Unknown score rules; whatever splitting, generating, training and comparing refuse.
    """
    if unknown := [rule for rule in score_rules if rule not in SCORE_RULES]:
        raise ValueError(f"no score rule {', '.join(unknown)}; write some of {', '.join(SCORE_RULES)}")
    rows, releases = [], []
    pictures: dict[str, np.ndarray] = {}
    for split in splits:
        split_seed = int(np.random.SeedSequence([seed, split]).generate_state(1)[0])
        levels = ladder.sides(images, table, split_seed)
        pictures = pictures or _pictures(levels, ladder.vary)
        scores = _scores(levels, methods, settings, score_rules, split_seed)
        has_copies = {}
        if nearest is not None:
            for level, similarity, row in _searched(levels, ladder, nearest, split_seed):
                scores[level, *SEARCH, "max"] = Scores(similarity)
                has_copies[level] = row["n_copies"] > 0
                releases.append({"level": level, "split": split} | row)
        real, _ = next(iter(levels.values()))
        rows += [(level, split, *rest) for level, *rest in _rows(scores, has_copies, real, permutations, [seed, split])]
        print(f"split {split}: {len(scores) + len(has_copies)} trials", flush=True)
    return Trials(
        pd.DataFrame(rows, columns=TRIALS.names[1:]).astype({"level": float}),
        pd.DataFrame(releases, columns=RELEASES.names[1:]).astype({"level": float}),
        pictures,
    )


class Scores(NamedTuple):
    """What a method says of the candidates of a split."""

    values: np.ndarray
    """Float (N,)."""
    spread: float = 1.0
    """By how much what cross-fitted encoders say varies more than p would allow for."""


def _scores(
    levels: Levels,
    methods: Sequence[Method],
    settings: Mapping[str, Mapping],
    score_rules: Sequence[str],
    seed: int,
) -> dict[tuple, Scores]:
    """Return the scores of the candidates by level, method and rule."""
    candidates = _candidates(next(iter(levels.values()))[0])
    labelled = candidates["split"].notna().to_numpy()
    parts = judged_parts(candidates["split"], candidates["label"])
    evidence_of_all = counted(_evidence(levels, methods, settings, seed), "trials", len(levels) * len(methods))
    return {
        (level, *method, rule): Scores(
            scores_of_parts(rule, evidence, [*parts.values()], labelled, settings["scores"]),
            SPREAD if len(evidence) > 1 else 1.0,
        )
        for level, method, evidence in evidence_of_all
        for rule in score_rules
    }


def _searched(
    levels: Levels, ladder: Ladder, nearest: int, seed: int
) -> Iterator[tuple[float | None, np.ndarray, dict[str, Any]]]:
    """Yield every level with the similarity of each candidate to its nearest generated image, and the release's row."""
    real, _ = next(iter(levels.values()))
    is_candidate = _is_candidate(real)
    generated = (side for _, side in levels.values())
    for level, search in zip(levels, searches(real, generated, nearest=nearest), strict=True):
        yield level, search.similarity[is_candidate], row_of(search, ladder.copied(level, seed))


def _rows(
    scores: Mapping[tuple, Scores],
    has_copies: Mapping[float | None, bool],
    real: Side,
    permutations: int,
    seed: Sequence[int],
) -> list[tuple]:
    """Return the rows of a split by `TRIALS`, without ladder and split.

    Args:
        scores: By level, method and rule.
        has_copies: Whether the search withholds any image of a level; without levels where it was not asked.
        real: The real images.
        permutations: Number of permutations behind each p.
        seed: Of the permutations.
    """
    candidates = _candidates(real)
    is_judged = judged(candidates["split"])
    perfect = (candidates["label"] == "used").to_numpy()
    used, groups = perfect[is_judged], candidates["group"].to_numpy()[is_judged]
    values = np.column_stack([*(own.values for own in scores.values()), perfect])[is_judged]
    auc, tpr = auc_of_labels(used[None], values)[0], tpr_of_labels(used[None], values, BUDGETS[TPR])[0]
    strata = candidates["split"].to_numpy(object)[is_judged].astype(str)
    permuted = auc_of_labels(permuted_labels(used, groups, permutations, seed, strata), values)
    spreads = [*(own.spread for own in scores.values()), 1.0]
    *p, p_perfect = (
        p_values_of_folds(auc[[column]], permuted[:, [column]], spread)[0] if permutations else np.nan
        for column, spread in enumerate(spreads)
    )
    sizes = (used.sum(), (~used).sum(), len(set(groups[used])), len(set(groups[~used])))
    rows = [(*trial, *of, p_perfect, *sizes) for trial, *of in zip(scores, auc[:-1], tpr[:-1], p, strict=True)]
    of_lists = [
        (level, *SEARCH, COPIES, np.nan, np.nan, 0.0 if any_copy else 1.0, 0.0, *sizes)
        for level, any_copy in has_copies.items()
    ]
    return rows + of_lists


def _is_candidate(real: Side) -> np.ndarray:
    return (real.table["label"] != "held_out").to_numpy()


def _candidates(real: Side) -> pd.DataFrame:
    return real.table[_is_candidate(real)]


def _pictures(levels: Levels, vary: str) -> dict[str, np.ndarray]:
    """Return some used images and some generated ones of every level, by title; at most `PICTURES` of each."""
    real, _ = next(iter(levels.values()))
    used = real.images[(real.table["label"] == "used").to_numpy()]
    rows = {f"used, n = {len(used)}": used[:PICTURES]}
    for level, (_, generated) in levels.items():
        title = "no leak: of other patients" if level is NO_LEAK else f"{vary} {level:g}"
        rows[title] = generated.images[:PICTURES]
    return rows


def _evidence(
    levels: Levels, methods: Sequence[Method], settings: Mapping[str, Mapping], seed: int
) -> Iterator[tuple[float | None, Method, list[Evidence]]]:
    """Return what every method knows at every level: about all candidates, or by cross-fitted encoders fold by fold.

    Levels share samples (those of `copy` are nested), and a pair's similarity depends on nothing but the pair, so each
    distinct image is compared once for all levels; only an encoder that learns from the samples takes them one by one.
    """
    for slug, encoder in dict.fromkeys(method[:2] for method in methods):
        facts = declared(registered("genprint.encoders")[settings["encoders"][encoder]["method"]])
        encoded = facts["YIELDS"] == "vector"
        for together in [[level] for level in levels] if encoded else [list(levels)]:
            real, _ = levels[together[0]]
            generated, place = _distinct([levels[level][1] for level in together])
            left, right = (
                _varied(own, settings["variants"][slug], seed=seed, slug=slug, side=side)
                for side, own in (("real", real), ("generated", generated))
            )
            constants: dict = {}
            if encoded:
                with redirect_stdout(None):  # the losses of hundreds of trainings tell nobody anything
                    _, left, right, constants = learn(
                        settings["encoders"][encoder],
                        left,
                        right[place],
                        real.table,
                        seed=seed,
                        device=settings["pairs"]["device"],
                        binarise=settings["features"]["binarise"],
                    )
                place = np.arange(len(place))
            for method in methods:
                if method[:2] == (slug, encoder):
                    compared = settings["similarities"][method[2]]
                    options = method_options(compared) | {"device": settings["pairs"]["device"]}
                    own = Compared.of(left, real.table, slice(None))
                    other = Compared(right, np.full(place.max() + 1, ANY), [])
                    to_generated, to_real = (
                        compare_sides(compared["method"], own, side, constants=constants, threads=1, **options)
                        for side in (other, own)
                    )
                    parts = parts_of_models(own.models, (real.table["label"] == "held_out").to_numpy())
                    identical = declared(registered("genprint.similarity")[compared["method"]])["IDENTICAL"]
                    for level, columns in zip(together, np.split(place, len(together)), strict=True):
                        yield (
                            level,
                            method,
                            evidence_of_parts(
                                to_generated[:, columns], to_real, real.table["label"], parts, identical=identical
                            ),
                        )


def _distinct(sides: Sequence[Side]) -> tuple[Side, np.ndarray]:
    """Return the distinct images of several sides, and the place among them of every image, side after side."""
    images = np.concatenate([side.images for side in sides])
    hashes = np.concatenate([side.table["sha256"] for side in sides])
    _, first, place = np.unique(hashes.astype(str), return_index=True, return_inverse=True)
    return Side(images[first], pd.DataFrame({"sha256": hashes[first]})), place


def _varied(own: Side, entry: Mapping, **stream: Any) -> np.ndarray:
    return variant(entry["method"], own.images, own.table["sha256"], **stream, **method_options(entry))
