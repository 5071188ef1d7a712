"""From images to patients: privacy fails one patient at a time, and an attacker has all images of one."""

import numpy as np
import numpy.typing as npt

NEAREST = 3  # images of a patient whose scores are averaged


def patient_scores(score: np.ndarray, member: npt.ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Return the largest score of each patient, and the mean of the three largest (of all, if there are fewer).

    Args:
        score: Larger = more likely used (n, K); NaN where there is none.
        member: The patient of each image, whole numbers from 0 to P - 1 (n,).

    Returns:
        Both float64 (P, K); NaN for a patient without any score.
    """
    member = np.asarray(member)
    shape = member.max(initial=-1) + 1, score.shape[1]
    largest, mean = np.full(shape, np.nan), np.full(shape, np.nan)
    for patient in range(len(largest)):
        own = -np.sort(-score[member == patient], axis=0)[:NEAREST]  # NaN last
        known = np.count_nonzero(~np.isnan(own), axis=0)
        some = known > 0
        largest[patient, some] = own[0, some]
        mean[patient, some] = np.nansum(own, axis=0)[some] / known[some]
    return largest, mean
