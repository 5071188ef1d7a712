"""A method is one file: put into the folder of its kind, it is configured and called like any other."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
METHODS = {
    "similarity/mean_difference.py": """
        import numpy as np
        ACCEPTS = ("image", "vector")
        IDENTICAL = 0.0
        PARAMETERS = {"scale": {"type": "number", "default": 1.0, "description": "a factor"}}
        def similarity(a, b, *, threads=1, device="cpu", scale=1.0):
            means = [side.reshape(len(side), -1).mean(axis=1) for side in (a, b)]
            return (-scale * abs(means[0][:, None] - means[1])).astype(np.float32)
        """,
    "variants/flipped_pixels.py": """
        import numpy as np
        RANDOM = True
        PARAMETERS = {"share": {"type": "number", "maximum": 1, "default": 0.5, "description": "of the pixels"}}
        def apply(image, *, random, side, share=0.5):
            return np.where(random.random(image.shape) < share, 255 - image, image)
        """,
    "encoders/corner.py": """
        import numpy as np
        YIELDS = "vector"
        TRAINED = True
        PARAMETERS = {"side": {"type": "integer", "minimum": 1, "default": 2, "description": "in pixels"}}
        def train(images, labels, groups, *, seed, device="auto", side=2):
            return {"side": np.array([side])}
        def encode(images, weights, *, device="auto", side=2):
            side = int(weights["side"][0])
            return images[:, :side, :side].reshape(len(images), -1).astype(np.float32)
        """,
    "generators/repeat.py": """
        import numpy as np
        HELD_OUT = False
        PARAMETERS = {"step": {"type": "integer", "minimum": 1, "default": 1, "description": "of the training images"}}
        def generate(images, count, *, seed, step=1):
            return images[np.arange(count) * step % len(images)]
        """,
}
TRIED = """
import sys
import numpy as np, yaml
from genprint.encoders import encode, train
from genprint.generators import generate
from genprint.plan.configuration import complete
from genprint.plan.publication import Publication
from genprint.plan.workflow import Workflow
from genprint.similarity import pairwise
from genprint.variants import variant

images = np.random.default_rng(0).integers(0, 256, (4, 8, 8), np.uint8)
assert (pairwise("mean-difference", images, images, scale=2.0).diagonal() == 0).all()
flipped = variant("flipped-pixels", images, list("abcd"), seed=0, slug="f", side="real", share=1.0)
assert (flipped == 255 - images).all()
weights = train("corner", images, ["used", "not_used"] * 2, seed=0, side=3)
assert encode("corner", images, weights).shape == (4, 9)
assert (generate("repeat", images, 3, seed=0, step=2) == images[[0, 2, 0]]).all()

config = {
    "benchmark": "added",
    "datasets": {"a": {"source": "controlled", "real": "phantom", "generator": {"method": "repeat"}}},
    "variants": {"original": {"method": "original"}, "flipped": {"method": "flipped-pixels", "share": 0.1}},
    "encoders": {"corner": {"method": "corner", "side": 4}},
    "similarities": {"mean": {"method": "mean-difference", "scale": 0.5}},
}
schema = yaml.safe_load(open(sys.argv[1]))
settings = complete(config, schema)
assert settings["datasets"]["a"]["generator"]["step"] == 1
plan = Workflow.of(settings)
assert [run.path for run in plan.runs] == ["original/corner/mean", "flipped/corner/mean"] and not plan.plan.dropped
assert Publication.of(plan).variants(noise=True) == ["original", "flipped"]
config["encoders"]["corner"]["side"] = 0
try:
    complete(config, schema)
except ValueError as error:
    assert str(error) == "encoders.corner.side: 0 is less than the minimum of 1; write in pixels", error
else:
    raise AssertionError("a value that the file excludes is accepted")
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    """A folder with a copy of the library that has one more method of each kind."""
    folder = tmp_path_factory.mktemp("scripts")
    shutil.copytree(ROOT / "scripts/genprint", folder / "genprint", ignore=shutil.ignore_patterns("__pycache__"))
    for file, text in METHODS.items():
        (folder / "genprint" / file).write_text(text.replace("\n        ", "\n"))
    return folder


def test_a_method_of_each_kind_works_from_its_file_alone(library):
    schema = ROOT / "config/schemas/config.schema.yaml"
    environment = os.environ | {"PYTHONPATH": str(library)}
    done = subprocess.run([sys.executable, "-c", TRIED, schema], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
