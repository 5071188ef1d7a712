"""What leaves the building: the report and all beside it, made from patients' files."""

import re
import zipfile

import numpy as np
import pydicom
import pytest
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

from genprint.report.page import FIGURES

pytestmark = pytest.mark.workflow

TAGS = {"PatientName": "Doe^Jane", "PatientID": "MRN-4711", "InstitutionName": "St-Elsewhere", "StudyDate": "19991231"}
# What a file name can be; Snakemake takes braces for wildcards.
HOSTILE = "<img src=x onerror=alert(1)> $x_$ & "
TRACES = (b"onerror=alert", b"used_1", b"broken.dcm", b"ward-9")
SHAREABLE = ("report.html", "run-times.*", "tables/*", "figures/*")


def write_dicom(file, pixels):
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = (
        CTImageStorage,
        generate_uid(entropy_srcs=[file.stem]),
    )
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset = FileDataset(file, {}, file_meta=meta, preamble=b"\0" * 128)
    dataset.SOPClassUID, dataset.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
    for name, value in TAGS.items():
        setattr(dataset, name, value)
    dataset.Rows, dataset.Columns = pixels.shape
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 16, 16, 15, 1
    dataset.RescaleSlope, dataset.RescaleIntercept = 1, -1024
    dataset.PixelData = pixels.astype(np.int16).tobytes()
    dataset.save_as(file, enforce_file_format=True)


@pytest.fixture(scope="module")
def configured(shared_workflow, small):
    """The configuration of an audit of DICOM files; keys of its report can be given."""
    rng = np.random.default_rng(0)
    for role, prefix in (("used", HOSTILE), ("not_used", HOSTILE), ("generated", "")):
        (shared_workflow.folder / "ward-9" / role).mkdir(parents=True)
        for number in range(8):
            write_dicom(
                shared_workflow.folder / "ward-9" / role / f"{prefix}{role}_{number}.dcm",
                rng.integers(0, 1500, (16, 16)),
            )
    broken = shared_workflow.folder / "ward-9/used" / f"{HOSTILE}broken.dcm"
    write_dicom(broken, np.zeros((16, 16)))
    broken.write_bytes(broken.read_bytes()[:-100])
    roles = {role: [f"ward-9/{role}/*.dcm"] for role in ("used", "not_used", "generated")}

    def configure(**report):
        return small(
            benchmark="audit",
            datasets={"release": {"source": "folder", "roles": roles}},
            images={"on_bad_image": "skip"},
            runs=[{"variants": ["original", "noise"], "encoders": ["pixels"], "similarities": ["cosine"]}],
            report=report,
        )

    return configure


@pytest.fixture(scope="module")
def finished(shared_workflow, configured):
    shared_workflow.snakemake(config=configured(galleries=True, pseudonyms=True))
    return shared_workflow


def shareable(workflow):
    return {name: data for pattern in SHAREABLE for name, data in workflow.results("audit", pattern).items()}


def test_images_are_shown_and_renamed_only_where_that_was_asked_for(shared_workflow, configured):
    planned = shared_workflow.snakemake("-n", "report", "figures", config=configured())
    assert "rule charts:" in planned
    assert "rule galleries:" not in planned and "rule pseudonyms:" not in planned


def test_no_tag_of_a_dicom_file_reaches_any_output(finished):
    import pyarrow.parquet as pq

    written = [file for place in ("results", "logs") for file in (finished.folder / place).rglob("*") if file.is_file()]
    assert len(written) > 40
    for file in written:
        content = file.read_bytes()
        if file.suffix == ".parquet":
            table = pq.read_table(file)
            content = str((table.to_pydict(), table.schema.metadata)).encode()
        for tag in TAGS.values():
            assert tag.encode() not in content, f"{tag} in {file}"
    assert pydicom.dcmread(next((finished.folder / "ward-9/used").iterdir()), force=True).PatientID == "MRN-4711"


def test_pseudonyms_stand_for_ids_and_files_in_all_that_is_shareable(finished):
    files = shareable(finished)
    assert {"report.html", "tables/at-risk.csv", "figures/nearest.png", "figures/noise.svg"} <= files.keys()
    for name, content in files.items():
        for trace in TRACES:
            assert trace not in content, f"{trace} in {name}"
    names = finished.results("audit", "pseudonyms.csv")["pseudonyms.csv"].decode()
    listed = re.findall(r"image-[0-9a-f]{12}", files["tables/at-risk.csv"].decode())
    assert listed and all(pseudonym in names for pseudonym in listed)
    assert all(pseudonym in files["report.html"].decode() for pseudonym in listed)


def test_snakemake_reports_too(finished, configured):
    archive = finished.folder / "report.zip"
    finished.snakemake("--report", archive, config=configured(galleries=True, pseudonyms=True))
    with zipfile.ZipFile(archive) as content:
        page = next(name for name in content.namelist() if name.endswith("report.html"))
        text = content.read(page).decode()
        assert "AUC of the runs on evaluation images" in text
        assert sum(name.endswith(".png") for name in content.namelist()) == len(FIGURES) - 1
        for name in content.namelist():
            for trace in TRACES:
                assert trace not in content.read(name), f"{trace} in {name}"
