"""From the shards of a run to what its score rules need to know."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from genprint.artifacts import count_pairs, read_matrix, read_nearest
from genprint.scores import Evidence


def read_evidence(
    real_generated: Sequence[str | Path],
    real_real: Sequence[str | Path],
    real_ids: Sequence[str],
    generated_ids: Sequence[str],
    label: Sequence[str],
    *,
    identical: float,
    top: int | None,
) -> Evidence:
    """Evidence about the candidates among N real images and G generated ones, from the shards of both pairings.

    Where all pairs were kept, some rules need all of them at once (mean, quantile, ball, votes, dpi): the two matrices
    are held in memory, 12 N (N + G) bytes with the work on them. Where only the nearest were kept, those rules have no
    score, and the others need the ``top`` nearest of each image: shards are merged one after the other, and memory
    grows with N times ``top`` whatever the number of pairs.

    Raises:
        ValueError: Images with fewer pairs than each should keep, and what `genprint.scores.Evidence` refuses.
    """
    reals, generated = len(real_ids), len(generated_ids)
    complete = count_pairs([*real_generated, *real_real]) == reals * generated + reals * (reals - 1) // 2
    if complete or top is None:
        return Evidence.from_similarities(
            read_matrix(real_generated, real_ids, generated_ids, symmetric=False),
            read_matrix(real_real, real_ids, real_ids, symmetric=True),
            label,
            identical=identical,
            top=top,
        )
    to_generated, _ = read_nearest(real_generated, real_ids, generated_ids, top, symmetric=False)
    to_real, other = read_nearest(real_real, real_ids, real_ids, top, symmetric=True)
    for found, columns in ((to_generated, generated), (to_real, reals - 1)):
        short = np.count_nonzero((~np.isnan(found)).sum(axis=1) < min(top, columns))
        if short:
            raise ValueError(
                f"{short} images have fewer than the {top} pairs that each should keep; compute them again"
            )
    # A row's own held-out images among its nearest, by position.
    held_out = np.asarray(label) == "held_out"
    return Evidence.from_nearest(to_generated, to_real, held_out[other], held_out, identical=identical)
