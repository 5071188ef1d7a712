import copy
from pathlib import Path

import pytest
import yaml

from genprint.plan.configuration import complete
from genprint.plan.workflow import Workflow

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = yaml.safe_load((ROOT / "config/schemas/config.schema.yaml").read_text())
CONFIG = {
    "benchmark": "small",
    "phantom": {"patients": 5, "slices": 2},
    "pairs": {"block": 8, "top": 6},
    "datasets": {
        "leak": {"source": "controlled", "real": "phantom", "generator": {"method": "parzen"}, "samples": 20},
        "test": {
            "source": "folder",
            "roles": {"unknown": ["test/real/*"], "generated": ["test/generated/*"]},
            "calibrated_by": "leak",
        },
    },
    "variants": {
        "original": {"method": "original"},
        "noise": {"method": "salt-pepper"},
        "blur": {"method": "gaussian"},
    },
    "encoders": {"pixels": {"method": "pixels"}, "cnn": {"method": "cnn", "batch": 8}},
    "similarities": {
        "cosine": {"method": "cosine"},
        "ssim3": {"method": "ssim3"},
        "listed": {"method": "ssim", "shortlist": {"encoder": "cnn", "similarity": "cosine", "nearest": 3}},
    },
    "runs": [
        {"variants": ["original"], "encoders": ["pixels"], "similarities": ["ssim3"], "generated_generated": True},
        {"variants": ["noise", "blur"], "encoders": ["cnn"], "similarities": ["cosine"], "datasets": ["leak"]},
        {"variants": ["blur"], "encoders": ["pixels"], "similarities": ["listed"], "datasets": ["leak"]},
    ],
}


@pytest.fixture
def settings():
    """Completes the configuration of these tests, with some sections replaced."""
    return lambda **changes: complete(copy.deepcopy(CONFIG) | changes, SCHEMA)


@pytest.fixture
def workflow(settings, tmp_path, monkeypatch):
    """The workflow of a configuration in a folder with 9 real test images and 17 generated ones."""
    monkeypatch.chdir(tmp_path)
    for side, count in (("real", 9), ("generated", 17)):
        (tmp_path / "test" / side).mkdir(parents=True)
        for number in range(count):
            (tmp_path / f"test/{side}/{number}.png").touch()
    return lambda **changes: Workflow.of(settings(**changes))
