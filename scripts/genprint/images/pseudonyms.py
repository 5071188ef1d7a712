"""Names for real images that tell nothing, for everything that leaves the building.

A pseudonym is the HMAC-SHA-256 of the name, so that only someone with the key can try names. The key is derived from
the content of all real images: nothing has to be kept, the same images have the same pseudonyms, and anyone who lacks
even one of the files cannot compute any. The table that translates back stays with the owner of the images.
"""

import hashlib
import hmac
from collections.abc import Callable, Iterable

import pandas as pd

HEX_DIGITS = 12


def secret(sha256: Iterable[str]) -> bytes:
    """Return the key of a benchmark, from the hashes of the content of its real images."""
    return hashlib.sha256("\n".join(sorted(set(sha256))).encode()).digest()


def pseudonym(name: str, key: bytes) -> str:
    """Return the pseudonym of a name, such as ``image-3f9c2a81d07b``."""
    return f"image-{hmac.new(key, name.encode(), hashlib.sha256).hexdigest()[:HEX_DIGITS]}"


def patient_pseudonym(name: str, key: bytes) -> str:
    """Return the pseudonym of a patient, such as ``patient-3f9c2a81d07b``."""
    return pseudonym(name, key).replace("image", "patient", 1)


def pseudonym_table(images: Iterable[pd.DataFrame], skipped: pd.DataFrame) -> pd.DataFrame:
    """Return a pseudonym for every id, patient and file name of real images, including files that could not be read.

    Args:
        images: Tables of the real images: image_id, group, file, sha256.
        skipped: The files left out: file.
    """
    real = pd.concat(images, ignore_index=True)
    key = secret(real["sha256"].dropna())
    images = pd.concat([real["image_id"], real["file"], skipped["file"]]).dropna().drop_duplicates()
    # Where patients are unknown, an image is its own patient and has one pseudonym.
    patients = real.loc[~real["group"].isin(images), "group"].dropna().drop_duplicates()
    pseudonyms = [pseudonym(name, key) for name in images] + [patient_pseudonym(name, key) for name in patients]
    return pd.DataFrame({"name": pd.concat([images, patients]), "pseudonym": pseudonyms})


def renaming(names: pd.DataFrame | None) -> Callable[[str], str]:
    """Return a function from a name to its pseudonym: the name itself if there is no table.

    The function raises KeyError for an unknown name.
    """
    if names is None:
        return str
    return dict(zip(names["name"], names["pseudonym"], strict=True)).__getitem__
