"""The release as a set: are its images nearer to used than to not used ones, and nearer than these are to each other?

An AUC asks about each candidate, whether something generated is near it. These ask about the generated images, so they
see a release that collapsed onto a few training images, which most of the others know nothing about.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from genprint.columns import DATASET, NUMBER, RUN, column, schema
from genprint.images.parts import judged_parts
from genprint.inference.reidentification import reidentification
from genprint.inference.relabelling import p_values, permuted_labels
from genprint.scoring.evidence import Evidence

SETS = schema(
    "the release as a set, by the similarity of one run, null where trained encoders of several folds compare; and "
    "whether that similarity knows patients",
    *(DATASET, *RUN),
    column("nearer_to_used", NUMBER, "share of generated images that are nearer to a used than to any not used image"),
    column("nearer_to_used_p", NUMBER, "one-sided permutation p of it, labels permuted among patients"),
    column("c_t", NUMBER, "C_T of Meehan et al. 2020; far below 0 where generated images are copies of used ones"),
    column("verification_auc", NUMBER, "AUC of telling two judged images of a patient from two of different patients"),
    column("retrieval", NUMBER, "share of judged images whose nearest other one is of the same patient, if any is"),
)


def nearer_to_used(
    distance: np.ndarray, used: npt.ArrayLike, groups: npt.ArrayLike, *, permutations: int, seed: int
) -> tuple[float, float]:
    """Return the share of generated images that are nearest to a used one, and its permutation p.

    It is the share of "distance to closest record": each generated image belongs to its nearest labelled image, in
    equal shares if several are. Where labels say nothing about the release, they may change hands between patients.

    Args:
        distance: Of the N labelled images to the G generated ones (N, G).
        used: Whether each of the N was used.
        groups: The patient of each.
        permutations: Number of permutations behind p.
        seed: Their seed.
    """
    used = np.asarray(used, bool)
    if used.all() or not used.any():
        return np.nan, np.nan
    nearest = distance == distance.min(axis=0)
    belonging = (nearest / nearest.sum(axis=0)).sum(axis=1)
    labels = np.vstack([used, permuted_labels(used, groups, permutations, (seed, 3))])
    shares = np.round(labels @ belonging / belonging.sum(), 12)  # thirds added in another order must still tie
    return float(shares[0]), float(p_values(shares[:1], shares[1:, None])[0])


def c_t(to_generated: np.ndarray, among_real: np.ndarray, used: npt.ArrayLike) -> float:
    """Return C_T of Meehan, Chaudhuri & Dasgupta (2020, arXiv 2004.05675), of one cell.

    With U the number of pairs in which the distance of a generated image to its nearest used one is larger than that of
    a not used image to its nearest used one (ties count half), C_T = (U - mean) / deviation, where mean and deviation
    are those of U if both were alike. It takes images for independent.

    Args:
        to_generated: Distances of the N labelled images to the G generated ones (N, G).
        among_real: Distances of the N among themselves (N, N).
        used: Whether each of the N was used.
    """
    used = np.asarray(used, bool)
    if used.all() or not used.any():
        return np.nan
    generated, others = to_generated[used].min(axis=0), among_real[np.ix_(~used, used)].min(axis=1)
    n, m = generated.size, others.size
    _, place, ties = np.unique(np.concatenate([generated, others]), return_inverse=True, return_counts=True)
    midrank = np.cumsum(ties) - (ties - 1) / 2
    u = midrank[place[:n]].sum() - n * (n + 1) / 2
    alike = (ties.astype(float) ** 3 - ties).sum() / ((n + m) * (n + m - 1))
    deviation = np.sqrt(n * m / 12 * (n + m + 1 - alike))
    return float((u - n * m / 2) / deviation) if deviation > 0 else 0.0


def set_statistics(
    evidence: Sequence[Evidence], candidates: pd.DataFrame, *, permutations: int, seed: int
) -> pd.DataFrame:
    """Return one row by `SETS`, without what names the run; null where not all pairs are known.

    Args:
        evidence: About all candidates, or fold by fold (`genprint.scoring.evidence.read_evidence`).
        candidates: The columns label, group and split of the candidates.
        permutations, seed: As in `nearer_to_used`.
    """
    label, groups = candidates["label"].to_numpy(object), candidates["group"].to_numpy(object)
    parts = [*judged_parts(candidates["split"], candidates["label"]).values()]
    if len(evidence) > 1:  # each is about the candidates of a fold alone
        patients, rows = [groups[part] for part in parts], [np.ones(part.sum(), bool) for part in parts]
    else:
        unseen = np.any(parts, axis=0)
        patients, rows = [groups], [unseen if unseen.any() else ~unseen]
    labelled = np.isin(label.astype(str), ("used", "not_used"))
    row = dict.fromkeys(SETS.names[4:], np.nan)
    row["verification_auc"], row["retrieval"] = reidentification(evidence, patients, rows)
    if len(evidence) == 1 and not evidence[0].thinned and labelled.any():
        used, own = label[labelled] == "used", evidence[0].distance_generated[labelled]
        row["nearer_to_used"], row["nearer_to_used_p"] = nearer_to_used(
            own, used, groups[labelled], permutations=permutations, seed=seed
        )
        row["c_t"] = c_t(own, evidence[0].distance_real[np.ix_(labelled, labelled)], used)
    return pd.DataFrame([row])
