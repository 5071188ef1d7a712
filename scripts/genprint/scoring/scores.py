"""Score rules: how strongly a real candidate's distances suggest that the generator was trained on it.

Orientation everywhere: **a larger score means more likely used**. Every rule works on distances,
``distance = (similarity of an image with itself) - similarity >= 0``, so that one definition serves every similarity
and an exact copy is 0. The largest similarity, for example, is reported as minus the smallest distance.

A rule is a function of the `Evidence` and returns float64 (R,). A score that the evidence cannot give (no held-out
images, too few images, pairs that were not kept, 0 / 0) is NaN, which becomes null; it is never a guess.
"""

from collections.abc import Callable, Mapping

import numpy as np

from genprint.plan.sources import options_of
from genprint.scoring.evidence import Evidence, nearest_distances, row_blocks, smallest

PARAMETERS = {
    "nearest": {
        "type": "integer",
        "minimum": 1,
        "maximum": 1_000_000,
        "default": 5,
        "description": "how many nearest images nearest-mean and calibrated-ratio average over",
    },
    "quantile": {
        "type": "number",
        "minimum": 0,
        "maximum": 1,
        "default": 0.05,
        "description": "which quantile of the distances the rule quantile takes, from 0 (the nearest) to 1",
    },
    "neighbourhood": {
        "type": "integer",
        "minimum": 1,
        "maximum": 1_000_000,
        "default": 20,
        "description": "how many nearest images among generated and held-out ones dpi looks at",
    },
}


def max_similarity(evidence: Evidence) -> np.ndarray:
    """Return the largest similarity: -min_g d(x, g). Range (-inf, 0]; 0 is an exact copy.

    The full black-box attack of GAN-Leaks (Chen, Yu, Zhang & Fritz, 2020, 10.1145/3372297.3417238).
    """
    return 0 - smallest(evidence.distance_generated)


def mean_similarity(evidence: Evidence) -> np.ndarray:
    """Return the mean similarity: -mean_g d(x, g). Range (-inf, 0]."""
    return 0 - _of_all_pairs(evidence, lambda distance: distance.mean(axis=1))


def nearest_mean(evidence: Evidence, *, nearest: int) -> np.ndarray:
    """Return minus the mean of the ``nearest`` smallest d(x, g); of all of them if G is smaller. Range (-inf, 0]."""
    return 0 - _mean_of_nearest(evidence.distance_generated, nearest, evidence.thinned)


def quantile(evidence: Evidence, *, quantile: float) -> np.ndarray:
    """Return minus a quantile of d(x, g) over g, interpolated: the minimum, with less variance. Range (-inf, 0]."""
    return 0 - _of_all_pairs(evidence, lambda distance: np.quantile(distance, quantile, axis=1))


def nndr(evidence: Evidence) -> np.ndarray:
    """Return the nearest-neighbour distance ratio: -d1 / d2 of the two nearest generated images. Range [-1, 0].

    An exact copy (d1 = 0) has 0, even if it was generated twice (d2 = 0). Lowe, 2004,
    10.1023/B:VISI.0000029664.99615.94.
    """
    near = nearest_distances(evidence.distance_generated, 2)
    if near.shape[1] < 2:
        return np.full(len(near), np.nan)
    first, second = near.T
    return 0 - np.where((first == 0) & (second >= 0), 0, _ratio(first, second))


def ball(evidence: Evidence) -> np.ndarray:
    """Return the share of generated images in a Monte-Carlo ball: d(x, g) <= e = median over candidates of min_g d.

    The ball is closed, so that exact copies count even where they make e = 0. Range [0, 1]. Hilprecht, Haerterich &
    Bernau, PoPETs 2019(4), 10.2478/popets-2019-0067.
    """
    minima = smallest(evidence.distance_generated)
    if np.isnan(minima).all():
        return minima
    radius = np.nanmedian(minima)
    return _of_all_pairs(evidence, lambda distance: (distance <= radius).mean(axis=1))


def votes(evidence: Evidence) -> np.ndarray:
    """Count generated images whose nearest candidate is x, over the even share: #{g : x = argmin_r d(r, g)} R / G.

    Candidates that tie for a generated image share its vote equally, so that their order decides nothing. Range
    [0, R]; the mean is 1 whatever the sizes of the sets, so that a threshold means the same for other sets.
    """
    distance = evidence.distance_generated
    if evidence.thinned or np.isnan(distance).all():
        return np.full(len(distance), np.nan)
    closest = np.fmin.reduce(distance, axis=0)
    ties = np.zeros(distance.shape[1])
    for rows in row_blocks(distance):
        ties += (distance[rows] == closest).sum(axis=0)
    share = np.divide(1, ties, out=np.zeros_like(ties), where=ties > 0)
    received = np.empty(len(distance))
    for rows in row_blocks(distance):
        received[rows] = np.where(distance[rows] == closest, share, 0).sum(axis=1)
    # Thirds and halves added in another order must still tie.
    return np.round(received * len(distance) / np.count_nonzero(ties), 9)


def calibrated_ratio(evidence: Evidence, *, nearest: int) -> np.ndarray:
    """Return minus min_g d(x, g) / mean of the ``nearest`` smallest d(x, r), where r are the other candidates.

    It allows for an image that looks like many others having small distances to everything. Range (-inf, 0]; an exact
    copy has 0; NaN where only the denominator is 0.
    """
    minima = smallest(evidence.distance_generated)
    usual = _mean_of_nearest(evidence.distance_real, nearest, evidence.thinned)
    return 0 - np.where((minima == 0) & (usual >= 0), 0, _ratio(minima, usual))


def identifiability(evidence: Evidence) -> np.ndarray:
    """Return 1 if a generated image is nearer than every other candidate, else 0: min_g d(x, g) < min_r d(x, r).

    Yoon, Drumright & van der Schaar, 2020, 10.1109/JBHI.2020.2980262.
    """
    generated, real = smallest(evidence.distance_generated), smallest(evidence.distance_real)
    return np.where(np.isnan(generated) | np.isnan(real), np.nan, generated < real)


def dcr_difference(evidence: Evidence) -> np.ndarray:
    """Return the distance to the closest record, against held-out images: -(min_g d(x, g) - min_h d(x, h)).

    Range (-inf, inf); above 0 if a generated image is nearer than every held-out one.
    """
    if evidence.distance_held_out is None:
        return np.full(len(evidence.distance_generated), np.nan)
    return smallest(evidence.distance_held_out) - smallest(evidence.distance_generated)


def dpi(evidence: Evidence, *, neighbourhood: int) -> np.ndarray:
    """Return the data plagiarism index: generated images among the ``neighbourhood`` nearest generated or held-out.

    Images that tie for the last places count with the share of them that is expected to get one. Range [0, 1].
    Ward, Wang & Cheng, 2024, arXiv:2406.13012.
    """
    generated, held_out = evidence.distance_generated, evidence.distance_held_out
    scores = np.full(len(generated), np.nan)
    if held_out is None or evidence.thinned:
        return scores
    for rows in row_blocks(generated):
        near = [nearest_distances(distance[rows], neighbourhood) for distance in (generated, held_out)]
        union = np.sort(np.hstack(near), axis=1)[:, :neighbourhood]
        places = np.count_nonzero(~np.isnan(union), axis=1)
        farthest = np.fmax.reduce(union, axis=1)[:, None]
        inside, inside_held_out = ((distance[rows] < farthest).sum(axis=1) for distance in (generated, held_out))
        last, last_held_out = ((distance[rows] == farthest).sum(axis=1) for distance in (generated, held_out))
        left, tied = places - inside - inside_held_out, last + last_held_out
        scores[rows] = (inside * tied + left * last) / (tied * places)
    return scores


SCORE_RULES: dict[str, Callable[..., np.ndarray]] = {
    "max": max_similarity,
    "mean": mean_similarity,
    "nearest-mean": nearest_mean,
    "quantile": quantile,
    "nndr": nndr,
    "ball": ball,
    "votes": votes,
    "calibrated-ratio": calibrated_ratio,
    "identifiability": identifiability,
    "dcr-difference": dcr_difference,
    "dpi": dpi,
}


def score_by(rule: str, evidence: Evidence, parameters: Mapping[str, float] | None = None) -> np.ndarray:
    """Return the scores (R,) by one of ``SCORE_RULES``; a parameter that is not given has its default in PARAMETERS."""
    function = SCORE_RULES[rule]
    return function(evidence, **options_of(function, PARAMETERS, parameters))


def _mean_of_nearest(distance: np.ndarray, k: int, thinned: bool) -> np.ndarray:
    near = nearest_distances(distance, k)
    found = np.count_nonzero(~np.isnan(near), axis=1)
    enough = found >= k if thinned else found > 0
    return np.divide(np.nansum(near, axis=1), found, out=np.full(len(near), np.nan), where=enough)


def _of_all_pairs(evidence: Evidence, statistic: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Return a statistic of all distances of each candidate to the generated images; NaN if some were not kept."""
    distance = evidence.distance_generated
    values = np.full(len(distance), np.nan)
    if not evidence.thinned:
        for rows in row_blocks(distance):
            # Rows lack at most the distance of an image to itself, all alike.
            pairs = distance[rows][~np.isnan(distance[rows])].reshape(rows.stop - rows.start, -1)
            if pairs.shape[1]:
                values[rows] = statistic(pairs.astype(np.float64))
    return values


def _ratio(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    undefined = np.full(len(numerator), np.nan)
    return np.divide(numerator, denominator, out=undefined, where=denominator > 0)
