"""DICOM files of a few pixels, with whatever attributes a test asks for."""

import io

import numpy as np
import pydicom
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian


def dicom(stored, *, bits=None, high=None, photometric="MONOCHROME2", modality="CT", **attributes) -> bytes:
    """The bytes of a file with these stored numbers (H, W); None leaves an attribute out."""
    stored = np.asarray(stored)
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = CTImageStorage, "1.2.3"
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    bits = bits or 8 * stored.itemsize
    known = {
        "Modality": modality,
        "Rows": stored.shape[-2],
        "Columns": stored.shape[-1],
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": photometric,
        "BitsAllocated": 8 * stored.itemsize,
        "BitsStored": bits,
        "HighBit": bits - 1 if high is None else high,
        "PixelRepresentation": int(stored.dtype.kind == "i"),
        "PixelData": stored.tobytes(),
    }
    for name, value in (known | attributes).items():
        if value is not None:
            setattr(dataset, name, value)
    buffer = io.BytesIO()
    pydicom.dcmwrite(buffer, dataset)
    return buffer.getvalue()


def item(**attributes) -> Sequence:
    """A sequence of one item."""
    dataset = Dataset()
    for name, value in attributes.items():
        setattr(dataset, name, value)
    return Sequence([dataset])
