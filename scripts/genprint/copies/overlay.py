"""A copy and the real image that it is a copy of, laid over each other."""

from typing import NamedTuple

import cv2
import numpy as np
import pandas as pd


class CopiedPair(NamedTuple):
    """A generated image, the real one that it is a copy of, and the latter moved onto it; uint8 (H, W)."""

    generated: np.ndarray
    real: np.ndarray
    registered: np.ndarray
    covered: np.ndarray
    """Where the moved image has pixels, bool (H, W)."""
    generated_name: str
    real_name: str
    title: str


def registered_pairs(copied: pd.DataFrame, real: np.ndarray, generated: np.ndarray, *, most: int) -> list[CopiedPair]:
    """Return copies of a data set with their originals: of each real image the nearest copy, the least alike first.

    Whether these are copies is for the eye to say; exact ones need no look.

    Args:
        copied: of one data set (`genprint.copies.judgement.COPIED`).
        real: its real images, uint8 (N, H, W).
        generated: its generated images.
        most: how many pairs.
    """
    nearest = copied.sort_values(["similarity", "position"], ascending=[False, True], kind="stable")
    chosen = nearest.drop_duplicates("real_position").tail(most).iloc[::-1]
    pairs = []
    for row in chosen.to_dict("records"):
        original = np.asarray(real[row["real_position"]])
        registered, covered = moved(
            255 - original if row["inverted"] else original,
            shift=(row["shift_x"], row["shift_y"]),
            angle=row["angle"],
            scale=row["scale"],
            mirrored=row["mirrored"],
        )
        pairs.append(
            CopiedPair(
                generated=np.asarray(generated[row["position"]]),
                real=original,
                registered=registered,
                covered=covered,
                generated_name=row["image_id"],
                real_name=row["name"],
                title=f"{row['dataset']}, similarity {row['similarity']:.2f}",
            )
        )
    return pairs


def moved(
    image: np.ndarray, *, shift: tuple[float, float], angle: float, scale: float, mirrored: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Move an image uint8 (H, W) as a copy of it was moved (`genprint.copies.alignment.describe`).

    Every point p, counted from the centre, x to the right and y down, goes to

        scale R(angle) M p + side shift,

    with R the turn anticlockwise, M the exchange of left and right, and side the longer side in pixels.

    Args:
        image: uint8 (H, W).
        shift: to the right and down, in sides.
        angle: degrees, anticlockwise.
        scale: above 1 enlarges.
        mirrored: whether left and right are exchanged first.

    Returns:
        The moved image, uint8 (H, W), and where it has pixels, bool (H, W).
    """
    height, width = image.shape
    turn = np.deg2rad(angle)
    linear = scale * np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    linear = linear @ np.diag([-1.0 if mirrored else 1.0, 1.0])
    centre = np.array([(width - 1) / 2, (height - 1) / 2])
    matrix = np.column_stack([linear, centre - linear @ centre + max(height, width) * np.asarray(shift)])
    whole = np.full(image.shape, 255, np.uint8)
    return cv2.warpAffine(image, matrix, (width, height)), cv2.warpAffine(whole, matrix, (width, height)) == 255
