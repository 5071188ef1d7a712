"""The two sides of a data set, real and generated: their images, and a table of what each image is."""

import csv
import hashlib
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from genprint.generators import generate
from genprint.images.folder import Fault
from genprint.images.splits import halves, split_patients

LEFT_OUT = (None, "other")


@dataclass(frozen=True)
class Side:
    """Images uint8 (N, H, W) and the columns image_id, file, sha256, group, label, split of the same N images."""

    images: np.ndarray
    table: dict[str, np.ndarray]

    def __getitem__(self, chosen: np.ndarray) -> "Side":
        """Some of the images, by a mask or by positions."""
        return Side(self.images[chosen], {name: column[chosen] for name, column in self.table.items()})


def read(
    images: np.ndarray, table: Mapping[str, npt.ArrayLike], *, calibrated_elsewhere: bool, seed: int
) -> tuple[Side, Side]:
    """Real and generated side of images that were read, the labelled real ones split into halves.

    A data set that another one calibrates has no halves: all of it is judged.
    """
    every = Side(images, {name: np.array(column, object) for name, column in table.items()})
    made = every.table["label"] == "generated"
    real, generated = every[~made], every[made]
    unsplit: list[str | None] = [None] * len(real.images)
    split = (
        unsplit if calibrated_elsewhere else halves(real.table["label"].tolist(), real.table["group"].tolist(), seed)
    )
    return _with(real, split=split), _with(generated, split=[None] * len(generated.images))


def controlled(
    images: np.ndarray,
    table: Mapping[str, npt.ArrayLike],
    *,
    shares: Mapping[str, float],
    trained_on: str,
    generator: str,
    samples: int,
    calibrated_elsewhere: bool,
    seed: int,
    **options: Any,
) -> tuple[Side, Side]:
    """Split real images by patient, train a generator on one part only, and sample it: the truth is known.

    The parts are used, not used, held out and other; ``trained_on`` is "used", or "other" for the negative control,
    whose generator has seen none of the candidates. The images of other patients are not among the real ones returned.

    Args:
        images: uint8 (N, H, W).
        table: Columns image_id, file, sha256, group of the same images.
        shares: Share of the patients in each part.
        generator: Name and ``options`` of a method of `genprint.generators`.
        samples: Number of generated images.
    """
    every = Side(images, {name: np.array(column, object) for name, column in table.items()})
    parts = np.array(split_patients(every.table["group"].tolist(), shares, seed), object)
    # What a generator draws on besides its training images must not be a candidate, nor known unused to the scores.
    spare = images[parts == "other"]
    drawn = generate(generator, images[parts == trained_on], samples, seed=seed, held_out=spare, **options)
    generated = Side(
        drawn,
        {
            "image_id": np.array([f"generated-{number + 1:05d}" for number in range(samples)], object),
            "file": np.full(samples, None, object),
            "sha256": np.array(content_hashes(drawn), object),
            "group": np.full(samples, None, object),
            "label": np.full(samples, "generated", object),
        },
    )
    real = _with(every, label=parts)[~np.isin(parts.astype(str), [str(part) for part in LEFT_OUT])]
    both = {name: np.concatenate([real.table[name], generated.table[name]]) for name in generated.table}
    return read(np.concatenate([real.images, drawn]), both, calibrated_elsewhere=calibrated_elsewhere, seed=seed)


def skipped_csv(dataset: str, skipped: Iterable[Fault]) -> str:
    """The manifest of files that were left out, as csv: dataset, file, reason."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(("dataset", "file", "reason"))
    rows.writerows((dataset, *fault) for fault in skipped)
    return text.getvalue()


def content_hashes(images: np.ndarray) -> list[str]:
    """SHA-256 of the pixels of each image, for images that come from no file."""
    return [hashlib.sha256(np.ascontiguousarray(image).data).hexdigest() for image in images]


def _with(side: Side, **columns: Sequence | np.ndarray) -> Side:
    return Side(side.images, side.table | {name: np.array(column, object) for name, column in columns.items()})
