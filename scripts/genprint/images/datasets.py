"""The two sides of a data set, real and generated: their images, and a table of what each image is."""

import csv
import hashlib
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from genprint.columns import (
    BYTES,
    DATASET,
    FILE,
    GROUP,
    HEIGHT,
    IMAGE_ID,
    LABEL,
    SHA256,
    SPLIT,
    TEXT,
    WIDTH,
    column,
    schema,
)
from genprint.files import read_array, read_table
from genprint.generators import generate
from genprint.images.folder import Annotation, Fault
from genprint.images.reading import Images, read_images
from genprint.images.splits import folds
from genprint.plan.runs import method_options

IMAGES = schema(
    "a row for each image; the real ones in natural order of their ids",
    *(DATASET, IMAGE_ID, FILE, SHA256),
    *(BYTES, HEIGHT, WIDTH),
    GROUP,
    LABEL,
    SPLIT,
)
PHANTOM = schema("a row for each slice", IMAGE_ID, GROUP, FILE, SHA256)

GREY_LEVELS = schema(
    "what the grey levels of a data set come from",
    DATASET,
    column("how", TEXT, "what they come from, in words"),
    column("warning", TEXT, "what was lost on the way; empty if nothing was"),
)

LEFT_OUT = (None, "other")


class Side(NamedTuple):
    """Images uint8 (N, H, W) and the table of the same N images, by `IMAGES` without dataset."""

    images: np.ndarray
    table: pd.DataFrame

    def where(self, chosen: np.ndarray | pd.Series) -> "Side":
        """Return some of the images, by a mask or by positions."""
        chosen = np.asarray(chosen)
        return Side(self.images[chosen], self.table.iloc[chosen].reset_index(drop=True))


def real_images(files: Mapping[str, Any], dataset: Mapping, **options: Any) -> Images:
    """Read the real images that a controlled data set starts from: those of the phantom, or those of image files.

    Args:
        files: ``images`` and ``table`` of the phantom, or the image files ``real``.
        dataset: Its configuration, of which ``real``, ``groups`` and ``patients`` matter.
        options: Those of `genprint.images.reading.read_images`.

    Raises:
        ImageError: As `genprint.images.reading.read_images` does.
        ValueError: There are fewer patients than the configuration counts.
    """
    if dataset["real"] == "phantom":
        table = read_table(files["table"]).assign(bytes=None, height=None, width=None)
        every = Images(read_array(files["images"]), table, [], "simulated Hounsfield units", "")
    else:
        groups = dataset["groups"] and Annotation(**dataset["groups"])
        every = read_images({"real": files["real"]}, patterns={"real": dataset["real"]}, groups=groups, **options)
    if dataset["patients"] is None:
        return every
    first, last = dataset["patients"]
    number = pd.factorize(every.table["group"])[0] + 1  # in the order in which they come
    if last > number.max():
        raise ValueError(f"patients {first} to {last} are to be used, but there are {number.max()}; write fewer")
    chosen = (first <= number) & (number <= last)
    return every._replace(images=every.images[chosen], table=every.table[chosen].reset_index(drop=True))


def read(images: np.ndarray, table: pd.DataFrame, *, split_into: Sequence[str], seed: int) -> tuple[Side, Side]:
    """Return the real and the generated side of images that were read, the labelled real ones split into parts.

    Args:
        images: uint8 (N, H, W).
        table: of the same images, with the columns label and group.
        split_into: names of the parts (`genprint.plan.protocol.split_into`); none for a data set that another one
            calibrates, as all of it is judged.
        seed: of the split.
    """
    every = Side(images, table)
    made = table["label"] == "generated"
    real, generated = every.where(~made), every.where(made)
    split: list[str | None] = [None] * len(real.images)
    if split_into:
        split = folds(real.table["label"], real.table["group"], split_into, seed)
    return Side(real.images, real.table.assign(split=split)), Side(generated.images, generated.table.assign(split=None))


def controlled(
    images: np.ndarray,
    table: pd.DataFrame,
    *,
    parts: Sequence[str | None],
    trained_on: str,
    generator: Mapping,
    samples: int,
    split_into: Sequence[str],
    seed: int,
) -> tuple[Side, Side]:
    """Train a generator on one part of real images only, and sample it: the truth is known.

    The parts are used, not used, held out and other (`genprint.images.splits`); ``trained_on`` is "used", or "other"
    for the negative control, whose generator has seen none of the candidates. The images of other patients are not
    among the real ones returned.

    Args:
        images: uint8 (N, H, W).
        table: of the same images, with the columns of `IMAGES` up to group, without dataset.
        parts: The part of each image; None for those that are left out.
        generator: The ``method`` (of `genprint.generators`) and its options, as configured.
        samples: Number of generated images.
        split_into: As in `read`.
    """
    # What a generator draws on besides its training images must not be a candidate, nor known unused to the scores.
    part = np.array(parts, object)
    spare = images[part == "other"]
    learnt, options = images[part == trained_on], method_options(generator)
    drawn = generate(generator["method"], learnt, samples, seed=seed, held_out=spare, **options)
    generated = pd.DataFrame(
        {
            "image_id": [f"generated-{number + 1:05d}" for number in range(samples)],
            "file": None,
            "sha256": content_hashes(drawn),
            **dict.fromkeys(("bytes", "height", "width")),
            "group": None,
            "label": "generated",
        }
    )
    real = Side(images, table.assign(label=part)).where([own not in LEFT_OUT for own in parts])
    both = pd.concat([real.table, generated], ignore_index=True)
    return read(np.concatenate([real.images, drawn]), both, split_into=split_into, seed=seed)


def skipped_csv(dataset: str, skipped: Iterable[Fault]) -> str:
    """Return the manifest of files that were left out, as csv: dataset, file, reason."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(("dataset", "file", "reason"))
    rows.writerows((dataset, *fault) for fault in skipped)
    return text.getvalue()


def grey_levels(dataset: str, images: Images) -> pd.DataFrame:
    """Return what the grey levels of a data set come from, by `GREY_LEVELS`."""
    return pd.DataFrame([{"dataset": dataset, "how": images.how, "warning": images.warning}])


def content_hashes(images: np.ndarray) -> list[str]:
    """Return the SHA-256 of the pixels of each image, for images that come from no file."""
    return [hashlib.sha256(np.ascontiguousarray(image).data).hexdigest() for image in images]
