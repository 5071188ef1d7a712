"""A folder in the layout of ImageCLEFmedical GANs 2025 runs through config/imageclef2025.yaml.

Here the images are compared without enhancement, a sixth of the combinations, and encoders take a few steps; with
GENPRINT_WHOLE=1 in the environment the configuration runs unchanged, which takes many minutes more.
"""

import csv
import io
import os
import zipfile

import numpy as np
import pytest
from PIL import Image

pytestmark = pytest.mark.workflow
VARIANTS = 6 if os.environ.get("GENPRINT_WHOLE") == "1" else 1


def write_palette_png(file, grey):
    """A palette PNG whose palette is not the identity: reading indices instead of colours would show."""
    image = Image.fromarray(255 - grey).convert("P", palette=Image.Palette.ADAPTIVE, colors=256)
    inverted = [255 - value for value in image.getpalette()]
    image.putpalette(inverted)
    file.parent.mkdir(parents=True, exist_ok=True)
    image.save(file)


@pytest.fixture(scope="module")
def finished(shared_workflow):
    rng = np.random.default_rng(0)
    counts = {
        "train/real_used": 100,
        "train/real_not_used": 100,
        "train/generated": 12,
        "test/real_unknown": 10,
        "test/generated": 8,
    }
    for role, count in counts.items():
        for number in range(1, count + 1):
            grey = np.kron(rng.integers(0, 256, (8, 8)), np.ones((4, 4))).astype(np.uint8)
            name = f"{role.split('/')[1]}_{number}.png"  # not zero padded
            write_palette_png(shared_workflow.folder / "data/imageclef2025" / role / name, grey)
    configurations = [shared_workflow.source / "config/imageclef2025.yaml"]
    if VARIANTS == 1:
        configurations.append(shared_workflow.folder / "fewer.yaml")
        configurations[1].write_text(
            "runs: [{variants: [original]}]\n"
            "copies: {nearest: 1, spikes: 2}\n"
            "encoders: {cnn: {steps: 20}, resnet50: {steps: 4}}\n"
        )
    shared_workflow.snakemake("--configfile", *configurations)
    return shared_workflow


def table(workflow, name):
    return list(
        csv.DictReader(io.StringIO(workflow.results("imageclef2025", f"tables/{name}.csv").popitem()[1].decode()))
    )


def test_every_table_is_there_and_filled(finished):
    for name in (
        "2024-table-1",
        "2024-table-2",
        "2025-table-1",
        "2025-table-2",
        "2025-table-3",
        "ablation",
    ):
        assert table(finished, name), name


def test_reported_values_stand_beside_ours(finished):
    rows = table(finished, "2025-table-3")
    assert any("reported" in column.lower() for column in rows[0])
    assert "0.633" in str(rows)


def test_there_is_one_decision_for_every_unknown_image(finished):
    files = finished.results("imageclef2025", "submissions/**/*.csv")
    assert len(files) == VARIANTS * 2 * 3
    with zipfile.ZipFile(finished.folder / "results/imageclef2025/submissions/test.zip") as packed:
        assert {f"submissions/test/{name}": packed.read(name) for name in packed.namelist()} == files
    for content in files.values():
        rows = [line.split(",") for line in content.decode().splitlines()]
        assert [row[0].removesuffix(".png") for row in rows] == [f"real_unknown_{number}" for number in range(1, 11)]
        assert {row[1] for row in rows} <= {"0", "1"}


def test_palettes_were_looked_through(finished):
    images = np.load(finished.folder / "results/imageclef2025/train/images/real.npy")
    with Image.open(finished.folder / "data/imageclef2025/train/real_not_used/real_not_used_1.png") as file:
        assert np.array_equal(images[0], np.asarray(file.convert("L")))
