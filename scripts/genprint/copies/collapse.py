"""Mode collapse: how many generated images are copies of each other."""

from collections.abc import Sequence

import numpy as np

COLLAPSED = 0.95
"""Registered similarity from which on two generated images are taken to be one image."""
WORTH_ALIGNING = 0.9
"""Coarse similarity, as they lie, from which on two generated images are aligned to see whether they are one."""


def clusters(
    left: np.ndarray,
    right: np.ndarray,
    similarity: np.ndarray,
    count: int,
    *,
    hashes: Sequence[str] | np.ndarray = (),
    least: float = COLLAPSED,
) -> np.ndarray:
    """Group images that are alike, or linked by a chain of images that are.

    The groups are the connected components of the graph whose edges are the pairs at ``least`` or above, and equal
    pixels. Memory is linear in the images and the pairs given.

    Args:
        left: position of the first image of each pair, integers (K,).
        right: position of the second.
        similarity: registered similarity of each pair (K,).
        count: number of images N.
        hashes: `genprint.copies.exact.pixel_hashes` of the images; none if empty. An empty hash equals nothing.
        least: the least similarity of an edge.

    Returns:
        For each image the position of the first image of its group, int64 (N,).
    """
    # Imported here because a job that only reads tables should not wait for it.
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    alike = np.asarray(similarity) >= least
    rows, columns = np.asarray(left)[alike], np.asarray(right)[alike]
    if len(hashes):
        _, first, member = np.unique(np.asarray(hashes, str), return_index=True, return_inverse=True)
        known = np.flatnonzero(np.asarray(hashes, str) != "")
        rows, columns = np.concatenate([rows, known]), np.concatenate([columns, first[member[known]]])
    edges = coo_array((np.ones(len(rows), np.int8), (rows, columns)), shape=(count, count))
    _, component = connected_components(edges, directed=False)
    _, first, member = np.unique(component, return_index=True, return_inverse=True)
    return first[member].astype(np.int64)


def sizes(cluster: np.ndarray) -> np.ndarray:
    """Return for each image how many images its cluster has, itself included, int64 (N,)."""
    _, member, counts = np.unique(cluster, return_inverse=True, return_counts=True)
    return counts[member].astype(np.int64)
