import numpy as np
import pytest


@pytest.fixture(scope="session")
def labelled():
    """Images of 32 x 32 and their labels: used ones bright on top, not used ones at the bottom, generated ones left."""
    random = np.random.default_rng(0)
    labels = np.array(["used", "not_used", "generated", "generated"] * 6)
    images = random.integers(0, 100, (24, 32, 32), dtype=np.uint8)
    images[labels == "used", :16] += 100
    images[labels == "not_used", 16:] += 100
    images[labels == "generated", :, :16] += 100
    return images, labels
