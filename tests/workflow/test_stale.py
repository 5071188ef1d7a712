"""An input file that has changed is noticed by its content, whatever its date says."""

import os

import cv2
import numpy as np
import pytest

pytestmark = pytest.mark.workflow
ROLES = ("used", "not_used", "generated")


def write(file, image):
    """Write an image so that all files have one size."""
    cv2.imwrite(str(file), image, [cv2.IMWRITE_TIFF_COMPRESSION, 1])


@pytest.fixture
def own(workflow):
    """A data set of files: a configuration, and the folder of its images."""
    random, folder = np.random.default_rng(0), workflow.folder / "data"
    for role in ROLES:
        (folder / role).mkdir(parents=True)
        for number in range(8):
            image = cv2.GaussianBlur(random.integers(0, 256, (32, 32), np.uint8), (0, 0), 2)
            write(folder / role / f"{role}_{number}.tif", image)
    config = {
        "benchmark": "own",
        "datasets": {
            "d": {"source": "folder", "roles": {role: [f"data/{role}/*.tif"] for role in ROLES}},
        },
        "images": {"size": 32},
        "variants": {"original": {"method": "original"}},
        "encoders": {"pixels": {"method": "pixels"}},
        "similarities": {"euclidean": {"method": "euclidean"}},
    }
    return config, folder


def test_content_decides_and_not_the_date(workflow, own):
    config, folder = own
    target = "results/own/d/images/real.npy"
    workflow.snakemake(target, config=config)
    before = np.load(workflow.folder / target)
    image = folder / "used/used_3.tif"
    # A newer date alone is no change.
    os.utime(image, (2_000_000_000, 2_000_000_000))
    assert "Nothing to be done" in workflow.snakemake(target, config=config)
    # Another image of the same size with an older date is one.
    other = folder / "other.tif"
    write(other, 255 - cv2.imread(str(image), cv2.IMREAD_GRAYSCALE))
    os.utime(other, (1, 1))
    other.replace(image)
    assert "rule folder_images" in workflow.snakemake(target, config=config)
    after = np.load(workflow.folder / target)
    assert (after != before).any(axis=(1, 2)).sum() == 1
    # So is a change within the second in which the result was written.
    stamp = (workflow.folder / target).stat().st_mtime_ns
    write(image, 128 * np.ones((32, 32), np.uint8))
    os.utime(image, ns=(stamp, stamp))
    assert "rule folder_images" in workflow.snakemake(target, config=config)
    assert "Nothing to be done" in workflow.snakemake(target, config=config)
