"""What every test may use."""

from pathlib import Path

import hypothesis
import numpy as np
import pytest

# A busy machine is no failure.
hypothesis.settings.register_profile("genprint", deadline=None)
hypothesis.settings.load_profile("genprint")

ROOT = Path(__file__).resolve().parents[1]
CT_SLICES = ROOT.parent / "shared" / "ct-slices"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The cluster, which mostly waits, then all that runs Snakemake, then the rest: so two processes end together."""
    items.sort(key=lambda item: ("slurm" not in item.fixturenames, item.get_closest_marker("workflow") is None))


@pytest.fixture(scope="session")
def ct_folder() -> Path:
    """The folder of real CT slices, where there is one."""
    if not CT_SLICES.is_dir():
        pytest.skip(f"no real CT slices in {CT_SLICES}")
    return CT_SLICES


@pytest.fixture(scope="session")
def ct_slices(ct_folder: Path) -> np.ndarray:
    """The first 24 real CT slices, uint8 (24, 256, 256)."""
    from PIL import Image

    files = sorted((ct_folder / "images").glob("*.png"))[:24]
    return np.stack([np.asarray(Image.open(file).convert("L")) for file in files])
