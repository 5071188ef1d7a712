"""Images that are added later: blocks that they are not in stay as they are."""

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image

pytestmark = pytest.mark.workflow
BLOCK = 8


def test_blocks_without_new_images_are_not_compared_again(workflow, small):
    rng = np.random.default_rng(0)

    def add(role, numbers):
        for number in numbers:
            file = workflow.folder / "data" / role / f"{role}_{number}.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(rng.integers(0, 256, (16, 16), np.uint8)).save(file)

    roles = {role: [f"data/{role}/*.png"] for role in ("used", "not_used", "generated")}
    config = small(
        datasets={"own": {"source": "folder", "roles": roles}},
        images={},
        pairs={"block": BLOCK},
        runs=[{"variants": ["original"], "encoders": ["pixels"], "similarities": ["ssim"]}],
    )
    for role in roles:
        add(role, range(1, BLOCK // 2 + 1))
    add("generated", range(BLOCK // 2 + 1, BLOCK + 1))
    workflow.snakemake("similarity", config=config)
    folder = workflow.folder / "results/small/own/similarity/original/pixels/ssim"
    before = {file: file.stat().st_ino for file in folder.glob("real-*/*.parquet")}
    assert {file.name for file in before} == {"0-0.parquet"}

    add("generated", range(BLOCK + 1, BLOCK + 4))
    workflow.snakemake("similarity", config=config)
    assert {file: file.stat().st_ino for file in before} == before
    assert pq.read_metadata(folder / "real-generated/0-1.parquet").num_rows == 3 * BLOCK
    assert "Nothing to be done" in workflow.snakemake("similarity", config=config)

    # An image that changed is compared again, and only in its own block.
    add("generated", [BLOCK + 1])
    newest = (folder / "real-generated/0-1.parquet").read_bytes()
    workflow.snakemake("similarity", config=config)
    assert {file: file.stat().st_ino for file in before} == before
    assert (folder / "real-generated/0-1.parquet").read_bytes() != newest
