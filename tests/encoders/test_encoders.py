import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from genprint.encoders import METHODS, calibration, encode, train
from genprint.plan.sources import declared

TRAINED = [name for name, module in METHODS.items() if declared(module)["TRAINED"]]


def test_the_encoders_of_the_papers_are_there():
    assert {"pixels", "cnn", "resnet50"} <= METHODS.keys()


def test_pixels_are_the_images(labelled):
    images, labels = labelled
    assert encode("pixels", images) is images
    with pytest.raises(ValueError, match="pixels has nothing to train"):
        train("pixels", images, labels, seed=0)


def test_the_package_itself_needs_no_torch():
    code = "import sys, genprint.encoders as e; e.encode('pixels', __import__('numpy').zeros((1, 2, 2), 'u1')); "
    code += "sys.exit('torch' in sys.modules)"
    scripts = Path(__file__).resolve().parents[2] / "scripts"
    assert subprocess.run([sys.executable, "-c", code], cwd=scripts, check=False).returncode == 0


def test_wrong_calls_say_what_is_wrong(labelled):
    images, labels = labelled
    with pytest.raises(ValueError, match=f"no encoder 'vit'.*{', '.join(METHODS)}"):
        encode("vit", images)
    with pytest.raises(ValueError, match=r"float64 \(24, 32, 32\)"):
        encode("pixels", images / 255)
    with pytest.raises(ValueError, match=r"uint8 \(0, 32, 32\)"):
        encode("pixels", images[:0])
    with pytest.raises(ValueError, match="24 images need as many labels, not 23"):
        train("cnn", images, labels[1:], seed=0)
    with pytest.raises(ValueError, match="labels held_out, unknown cannot be trained on"):
        train("cnn", images[:3], ["used", "unknown", "held_out"], seed=0)


def test_calibration_by_hand():
    features = np.array([[0.0, 5.0], [1.0, 5.0], [5.0, 8.0]], np.float32)
    assert calibration(features)["data_range"] == 8.0
    for rule, expected in {"median": [1, 5], "mean": [2, 6], "zero": [0, 0]}.items():
        threshold = calibration(features, binarise=rule)["threshold"]
        assert threshold.dtype == np.float32
        np.testing.assert_array_equal(threshold, expected)


@pytest.mark.parametrize("broken", [np.zeros((3, 2)), np.array([[0.0, np.nan]]), np.array([[0.0, np.inf]])])
def test_calibration_refuses_collapsed_and_diverged_encoders(broken):
    with pytest.raises(ValueError, match="lower its learning rate"):
        calibration(broken)


def test_calibration_refuses_unknown_rules():
    with pytest.raises(ValueError, match=r"no rule 'otsu'.*median, mean, zero"):
        calibration(np.eye(2), binarise="otsu")
