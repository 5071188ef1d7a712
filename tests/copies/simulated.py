"""Similarities as a search finds them, of releases whose truth is known."""

from typing import NamedTuple

import numpy as np

from genprint.copies.patients import Patients
from genprint.copies.release import MOVES, release


class Simulated(NamedTuple):
    """Pairs of a release (real x generated) and of real images; patients (N,) and labels (N,) of the real images."""

    pairs: dict[str, np.ndarray]
    real_pairs: dict[str, np.ndarray]
    patient: np.ndarray
    label: np.ndarray
    generated: int

    @property
    def arguments(self):
        return self.pairs, self.real_pairs, self.patient, self.label, self.generated


def simulate(
    seed, *, patients=30, images=2, generated=60, middle=0.55, between=0.08, within=0.06, nearest=5, collapse=1
):
    """Half of the patients are used; some anatomies, and some generated images, are common (``between``).

    No image is a copy.

    Every ``collapse`` generated images are nearly the same.
    """
    rng = np.random.default_rng(seed)
    patient = np.repeat(np.arange(patients), images)
    label = np.where(patient % 2 == 0, "used", "not_used").astype(object)
    typical = rng.normal(middle, between, patients)[patient]
    kinds = -(-generated // collapse)
    alike = np.repeat(rng.normal(middle, between, kinds), collapse)[:generated]
    z = (typical[:, None] + alike) / 2 + within * np.repeat(rng.normal(size=(len(patient), kinds)), collapse, axis=1)[
        :, :generated
    ]
    z += 0.002 * rng.normal(size=z.shape)
    pairs = shortlist(np.tanh(np.abs(z)), nearest)
    real = (typical[:, None] + typical) / 2 + within * rng.normal(size=(len(patient),) * 2)
    real[(patient[:, None] == patient) | np.tri(len(patient), dtype=bool)] = 0
    real_pairs = shortlist(np.tanh(np.abs(real)), nearest)
    return Simulated(pairs, real_pairs, patient, label, generated)


def shortlist(similarity, nearest):
    """The nearest few of every image of either side."""
    kept = np.zeros(similarity.shape, bool)
    for axis in (0, 1):
        count = min(nearest, similarity.shape[axis])
        best = np.argpartition(-similarity, count - 1, axis=axis).take(range(count), axis=axis)
        np.put_along_axis(kept, best, True, axis=axis)
    left, right = np.nonzero(kept & (similarity > 0))
    return table(left, right, similarity[left, right])


def table(left, right, similarity):
    moves = {name: np.zeros(len(left), bool if name in ("mirrored", "inverted") else np.float32) for name in MOVES}
    columns = {"left": np.asarray(left), "right": np.asarray(right), "similarity": np.asarray(similarity, np.float32)}
    return columns | moves


def with_copies(simulated, copies):
    """The same release with pairs (real image, generated image, similarity) that are copies."""
    left, right, similarity = (np.array(column) for column in zip(*copies, strict=True))
    keys = simulated.pairs["left"] * simulated.generated + simulated.pairs["right"]
    old = ~np.isin(keys, left * simulated.generated + right)
    both = {
        name: np.concatenate([column[old], added])
        for (name, column), added in zip(simulated.pairs.items(), table(left, right, similarity).values(), strict=True)
    }
    return simulated._replace(pairs=both)


def tables(simulated, *, exact=((), ()), cluster=None, order=None):
    """The tables of a release; ``order`` permutes the generated images."""
    names = np.array([f"patient-{place:03d}" for place in simulated.patient], object)
    count = simulated.generated
    order = np.arange(count) if order is None else order
    pairs = simulated.pairs | {"right": np.argsort(order)[simulated.pairs["right"]]}
    groups = len(set(names))
    return release(
        "set",
        real=[f"real-{place:04d}" for place in range(len(names))],
        labels=simulated.label,
        patients=Patients(names, True, groups, len(names) // groups, ()),
        generated=[f"generated-{place:05d}" for place in order],
        pairs=pairs,
        real_pairs=simulated.real_pairs,
        exact=(np.array(exact[0], np.int64), np.argsort(order)[np.array(exact[1], np.int64)]),
        cluster=np.arange(count) if cluster is None else cluster,
    )
