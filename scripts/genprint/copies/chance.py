"""Chance: how near a generated image comes to a patient who was not used, and so what a copy has to exceed.

The unit is the patient. For every patient the search gives the nearest pair of one of their images and any image of
the release. Patients who were not used show how near that is by chance, whatever the release is like: a thousand
generated images that are all alike, or a shortlist instead of all pairs, treat used and not used patients the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from scipy import stats

from genprint.copies.tail import FEWEST, WORST_FIT, Tail, fisher_z, outliers, tail

LEVEL = 0.05
NOT_USED, REAL, NONE = "not used", "real images", "none"

Pairs = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Chance:
    """What may be said of the pairs of a release. Arrays (P,) go by patient.

    Attributes:
        source: of the pairs that cannot be copies: `NOT_USED` patients with the release, `REAL` images of different
            patients, or `NONE`.
        tail: of the scores of patients by chance; None if nothing can be said.
        reason: why there is none, and what to do; or empty.
        judged: patients whose scores are held against chance, bool (P,).
        reference: what is taken off the z of a pair of each patient, float64 (P,).
        scores: the largest score of each patient, -inf for patients without any pair, float64 (P,).
        more_images: how many times as many images a judged patient has as one who shows what chance does; at least 1.
        mixed: patients who are both used (or unknown) and not, bool (P,): they show nothing about chance.
        suspects: patients said not to be used who have copies all the same, bool (P,). They are judged.
        alike: patients whose images are as near to another patient's as copies are, bool (P,), of the source `REAL`.
        swapped: whether not used patients are nearer to the release than used ones.
    """

    source: str
    tail: Tail | None
    reason: str
    judged: np.ndarray
    reference: np.ndarray
    scores: np.ndarray
    more_images: float = 1.0
    mixed: np.ndarray = field(default_factory=lambda: np.zeros(0, bool))
    suspects: np.ndarray = field(default_factory=lambda: np.zeros(0, bool))
    alike: np.ndarray = field(default_factory=lambda: np.zeros(0, bool))
    swapped: bool = False

    def one(self, score: np.ndarray) -> np.ndarray:
        """Return the probability that a given patient without a copy reaches a score; NaN if nothing can be said."""
        if self.tail is None:
            return np.full(np.shape(score), np.nan)
        return np.minimum(1, self.more_images * self.tail.survival(score))

    def p(self, score: np.ndarray) -> np.ndarray:
        """Return the probability that any of the judged patients reaches a score by chance (Sidak).

        This is the p of a generated image with that score. It allows for all images of the release, since a patient's
        score is the largest over all of them.
        """
        single = np.minimum(self.one(score), 1 - 1e-12)
        return -np.expm1(self.judged.sum() * np.log1p(-single))

    def q(self, score: np.ndarray) -> np.ndarray:
        """Return the false discovery rate if everything with this score or a larger one is called a copy.

        Benjamini & Hochberg over the judged patients, extended from their own scores to those of any pair.
        """
        own = np.sort(self.scores[self.judged])
        if self.tail is None:
            return np.full(np.shape(score), np.nan)
        raw = self._rate(own, own)
        upto = np.minimum.accumulate(np.concatenate([[1.0], raw]))
        return np.minimum(self._rate(score, own), upto[np.searchsorted(own, score)])

    def q_of_patients(self) -> np.ndarray:
        """Return the q of each judged patient, NaN for the others, float64 (P,)."""
        found = np.full(len(self.judged), np.nan)
        if self.tail is not None and self.judged.any():
            found[self.judged] = stats.false_discovery_control(self.one(self.scores[self.judged]))
        return found

    def least_similarity(self, level: float = LEVEL) -> np.ndarray:
        """Return the similarity from which on a copy is flagged if it is the only one, float64 (P,); NaN: none is."""
        if self.tail is None or not self.judged.any():
            return np.full(len(self.judged), np.nan)
        score = self.tail.quantile(level / (self.judged.sum() * self.more_images))
        return np.where(self.judged, np.tanh(score + self.reference), np.nan)

    def score(self, similarity: np.ndarray, patient: np.ndarray) -> np.ndarray:
        """Return the scores of pairs: z less the reference of the patient; -inf where nothing could be aligned."""
        z = fisher_z(similarity)
        return np.where(z > 0, z - self.reference[patient], -np.inf)

    def _rate(self, score: np.ndarray, own: np.ndarray) -> np.ndarray:
        reached = np.maximum(len(own) - np.searchsorted(own, score), 1)
        return np.minimum(1, len(own) * self.one(score) / reached)


def chance(pairs: Pairs, real_pairs: Pairs, patient: np.ndarray, label: np.ndarray, generated: int) -> Chance:
    """Learn from pairs that cannot be copies how near a release comes to a patient by chance.

    The score of a pair is by how much it is nearer than the nearest image of any other patient, since patients of
    common anatomy are near to everything:

        z(s) - max(z(r), median of z(r)),    z = arctanh,

    with s its similarity and r that of the patient's images to the nearest of another patient.

    Where at least `FEWEST` patients were not used (or held out), their scores show what chance does. Where there are
    fewer, it is by how much the nearest other patient is nearer than the second. A release may come nearer than they
    do, because it has more images or smoother ones. What is expected of a maximum over more images is added to theirs,
    from how much nearer the nearest of all other patients is than that of half of them; or how much nearer the release
    comes to most patients, if that is more.

    Args:
        pairs: aligned candidates of real and generated images: columns ``left`` (position of the real image),
            ``right`` (of the generated one), ``similarity``.
        real_pairs: the same of real images among themselves. Pairs of one patient are ignored; candidates must have
            been chosen without them, since otherwise adjacent slices take all places of the shortlist.
        patient: of each real image, integers 0..P-1 (N,).
        label: used, not_used, held_out or unknown, of each real image (N,).
        generated: number of generated images.
    """
    patient, count = np.asarray(patient), int(np.max(patient, initial=-1)) + 1
    images = np.bincount(patient, minlength=count)
    unused = np.bincount(patient[np.isin(label, ("not_used", "held_out"))], minlength=count) > 0
    candidate = np.bincount(patient[np.isin(label, ("used", "unknown"))], minlength=count) > 0
    mixed, free = unused & candidate, unused & ~candidate
    near = nearest_others(real_pairs, patient, count)
    z = _largest(patient[pairs["left"]], fisher_z(pairs["similarity"]), count)

    # Of patients without any pair nobody knows how near others come: they are given what is hardest to exceed.
    known = near[:, 0] > 0
    middle = np.median(near[known, 0]) if known.any() else 0.0
    reference = np.where(known, np.maximum(near[:, 0], middle), near[:, 0].max(initial=0))
    scores = np.where(z > 0, z - reference, -np.inf)
    met, nobody = np.isfinite(scores), np.zeros(count, bool)

    shown = free & met
    swapped = _above(scores[shown], scores[candidate & met])
    odd = nobody.copy()
    odd[shown] = outliers(scores[shown])
    fitted = None if swapped else tail(scores[shown & ~odd])
    if fitted is not None and fitted.fit >= WORST_FIT:
        judged = candidate | odd
        more = max(1.0, images[judged].mean() / images[shown & ~odd].mean()) if judged.any() else 1.0
        return Chance(NOT_USED, fitted, "", judged, reference, scores, more, mixed, odd, nobody)
    reason = _why(NOT_USED, shown.sum(), fitted, swapped)

    judged = candidate | swapped
    real = near[:, 0] - np.maximum(near[:, 1], middle)
    odd = nobody.copy()
    odd[known] = outliers(real[known], shared=2)
    shown = known & ~odd
    others = images.sum() - images[shown].mean() if shown.any() else 0.0
    doublings = max(0.0, float(np.log2(generated / others))) if others > 0 and generated else 0.0
    gained = float((near[shown, 0] - near[shown, 2]).mean()) if shown.any() else 0.0
    nearer = max(doublings * gained, _nearer(real[shown], scores[judged & met]))
    fitted = tail(real[shown] + nearer, shared=2)
    if fitted is not None and fitted.fit >= WORST_FIT:
        return Chance(REAL, fitted, "", judged, reference, scores, 1.0, mixed, nobody, odd, swapped)
    reason += " " + _why(REAL, shown.sum(), fitted, False)
    return Chance(NONE, None, reason, judged, reference, scores, 1.0, mixed, nobody, odd, swapped)


def nearest_others(pairs: Pairs, patient: np.ndarray, count: int) -> np.ndarray:
    """Return how near other patients come to each one, as Fisher's z, float64 (P, 3); 0 where there is no pair.

    The columns are the nearest of all other patients, the second, and what is expected of the nearest of a random half
    of them: with z_1 >= z_2 >= ... of other patients it is the sum of z_k / 2^k, the last one counting twice.
    """
    left, right = (patient[np.asarray(pairs[side])] for side in ("left", "right"))
    apart = (left != right) & (np.asarray(pairs["similarity"]) > 0)
    values = np.tile(fisher_z(pairs["similarity"])[apart], 2)
    own, other = (np.concatenate([first[apart], second[apart]]) for first, second in ((left, right), (right, left)))
    found = np.zeros((count, 3))
    order = np.lexsort((-values, other, own))
    own, other, values = own[order], other[order], values[order]
    new = np.ones(len(own), bool)
    new[1:] = (own[1:] != own[:-1]) | (other[1:] != other[:-1])
    own, values = own[new], values[new]
    order = np.lexsort((-values, own))
    own, values = own[order], values[order]
    _, start, length = np.unique(own, return_index=True, return_counts=True)
    place = np.arange(len(own)) - np.repeat(start, length)
    last = place == np.repeat(length, length) - 1
    np.add.at(found[:, 2], own, values / 2.0 ** (place + ~last))
    for column in (0, 1):
        found[own[place == column], column] = values[place == column]
    return found


def competition(used: np.ndarray, not_used: np.ndarray, ratio: float = 1.0) -> np.ndarray:
    """Return the false discovery rate of each generated image by target-decoy competition, without any model.

    A not used patient cannot have copies, so every generated image that is nearer to a not used image than to any used
    one stands for one that is nearer to a used image by chance. With everything at s or above called a copy,

        q(s) = (1 + ratio x decoys at s or above) / targets at s or above,

    made monotone (Elias & Gygi, 2007, doi 10.1038/nmeth1019; the 1 after Barber & Candes, 2015). One copy alone can
    never reach 0.05 in this way: it is a cross-check of many.

    Args:
        used: the largest similarity to a used image, of each generated image (G,).
        not_used: the largest to one not used (G,).
        ratio: number of used images by that of images not used.

    Returns:
        float64 (G,); 1 for images that are nearer to a not used one.
    """
    target = used > not_used
    targets, decoys = np.sort(used[target]), np.sort(not_used[not_used >= used])
    reached = len(targets) - np.arange(len(targets))
    rate = np.minimum(1, (1 + ratio * (len(decoys) - np.searchsorted(decoys, targets))) / reached)
    lowest = np.minimum.accumulate(rate)
    found = np.ones(len(used))
    found[target] = lowest[np.searchsorted(targets, used[target], side="right") - 1]
    return found


def _largest(patient: np.ndarray, values: np.ndarray, count: int) -> np.ndarray:
    largest = np.zeros(count)
    np.maximum.at(largest, patient, values)
    return largest


def _nearer(real: np.ndarray, release: np.ndarray) -> float:
    """How much nearer a release comes to most patients than other patients do.

    It is the difference of the lower quartiles, so that copies of up to three quarters of the patients do not count;
    and at most what the nearest patient is above the median one, since where more are copied it would hide them.
    """
    if not min(len(real), len(release)):
        return 0.0
    difference = np.quantile(release, 0.25) - np.quantile(real, 0.25)
    return float(np.clip(difference, 0, real.max() - np.median(real)))


def _above(unused: np.ndarray, candidates: np.ndarray) -> bool:
    """Tell whether patients who were not used are nearer to the release than the others."""
    if min(len(unused), len(candidates)) < 3:
        return False
    return bool(stats.mannwhitneyu(unused, candidates, alternative="greater").pvalue < WORST_FIT)


def _why(source: str, patients: int, fitted: Tail | None, swapped: bool) -> str:
    who = "patients not used or held out" if source == NOT_USED else "patients whose images can be compared"
    if swapped:
        return "The release is nearer to patients not used than to used ones: check the labels."
    if patients < FEWEST:
        return f"There are {patients} {who}; at least {FEWEST} are needed: add images of {FEWEST - patients} more."
    if fitted is None:
        return f"The {patients} {who} are all equally near, so chance has no measure."
    return f"The nearest of the {patients} {who} stands out from the rest, so chance cannot be told from a copy."
