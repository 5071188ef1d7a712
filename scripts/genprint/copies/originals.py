"""The real images that releases are searched for copies of, and what is known of them before any release is seen."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from genprint.copies.collapse import clusters
from genprint.copies.exact import exact_copies, pixel_hashes
from genprint.copies.patients import Patients, patients
from genprint.copies.release import Release, release
from genprint.copies.search import Table, search_patients
from genprint.images.datasets import Side, content_hashes


@dataclass(frozen=True)
class Originals:
    """Real images, whose they are, and how alike those of different patients are."""

    ids: np.ndarray
    """What each is called in the tables about copies, object (N,)."""
    labels: np.ndarray
    """used, not_used, held_out or unknown, object (N,)."""
    patients: Patients
    patient: np.ndarray
    """The place of each image's patient among the sorted names, int64 (N,)."""
    hashes: np.ndarray
    """Of the pixels (`genprint.copies.exact.pixel_hashes`)."""
    pairs: Table
    """Aligned pairs of images of different patients: what chance does."""

    @classmethod
    def of(
        cls,
        real: Side,
        among: Table,
        *,
        nearest: int,
        block: int,
        threads: int = 1,
        name_of: Callable[[str], str] = str,
    ) -> "Originals":
        """Return the originals of a data set.

        Args:
            real: its real images and their table.
            among: the search of all pairs of them (`search`).
            nearest: candidates of every image, of that search.
            block: images a side that are searched at a time, where patients are unknown.
            threads: CPU threads; the result does not depend on them.
            name_of: what a real image or a patient is called.
        """
        ids = np.array([name_of(name) for name in real.table["image_id"]], object)
        who = patients(ids, [name_of(name) for name in real.table["group"]], among)
        _, patient = np.unique(who.names.astype(str), return_inverse=True)
        if not who.known and who.groups < len(ids):
            # Images of one group have taken each other's places among the candidates; chance is about other groups.
            among = search_patients(real.images, patient, nearest=nearest, block=block, threads=threads)
        apart = patient[among["left"]] != patient[among["right"]]
        pairs = {name: values[apart] for name, values in among.items()}
        labels = real.table["label"].to_numpy(object)
        return cls(ids, labels, who, patient, pixel_hashes(real.images), pairs)

    def release(self, dataset: str, generated: Side, pairs: Mapping[str, np.ndarray], alike: Table | None) -> Release:
        """Say which generated images are copies, and of whom.

        Args:
            dataset: its name.
            generated: the generated images and their table.
            pairs: candidates of real and generated images (`search`).
            alike: candidates among generated images. None: only equal pixels make two of them one.
        """
        same, count = content_hashes(generated.images), len(generated.images)
        if alike is None:
            alike = {name: np.empty(0, kind) for name, kind in (("left", int), ("right", int), ("similarity", float))}
        return release(
            dataset,
            real=self.ids,
            labels=self.labels,
            patients=self.patients,
            generated=generated.table["image_id"].to_numpy(object),
            pairs=pairs,
            real_pairs=self.pairs,
            exact=exact_copies(self.hashes, pixel_hashes(generated.images)),
            cluster=clusters(alike["left"], alike["right"], alike["similarity"], count, hashes=same),
        )
