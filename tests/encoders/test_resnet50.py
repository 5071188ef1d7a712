import pickle

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch.nn import functional

from genprint.encoders import encode, train

BLOCKS = {1: 3, 2: 4, 3: 6, 4: 3}


def torchvision_shapes():
    """Names and shapes of torchvision's ResNet-50, written down from its definition."""
    shapes = {"conv1.weight": (64, 3, 7, 7), **batch_norm("bn1", 64)}
    before = 64
    for layer, blocks in BLOCKS.items():
        width = 64 * 2 ** (layer - 1)
        for block in range(blocks):
            name = f"layer{layer}.{block}"
            shapes[f"{name}.conv1.weight"] = (width, before, 1, 1)
            shapes[f"{name}.conv2.weight"] = (width, width, 3, 3)
            shapes[f"{name}.conv3.weight"] = (4 * width, width, 1, 1)
            shapes |= batch_norm(f"{name}.bn1", width) | batch_norm(f"{name}.bn2", width)
            shapes |= batch_norm(f"{name}.bn3", 4 * width)
            if block == 0:
                shapes[f"{name}.downsample.0.weight"] = (4 * width, before, 1, 1)
                shapes |= batch_norm(f"{name}.downsample.1", 4 * width)
            before = 4 * width
    return shapes | {"fc.weight": (1000, 2048), "fc.bias": (1000,)}


def batch_norm(name, channels):
    parts = ("weight", "bias", "running_mean", "running_var")
    return {f"{name}.{part}": (channels,) for part in parts} | {f"{name}.num_batches_tracked": ()}


def torchvision_forward(weights, images):
    """Pooled features as torchvision computes them from images float (B, 3, H, W)."""

    def normalised(name, x):
        mean, var, weight, bias = (
            weights[f"{name}.{part}"] for part in ("running_mean", "running_var", "weight", "bias")
        )
        return functional.batch_norm(x, mean, var, weight, bias, eps=1e-5)

    x = functional.conv2d(images, weights["conv1.weight"], stride=2, padding=3)
    x = functional.max_pool2d(functional.relu(normalised("bn1", x)), 3, stride=2, padding=1)
    for layer, blocks in BLOCKS.items():
        for block in range(blocks):
            name, stride = f"layer{layer}.{block}", 2 if layer > 1 and block == 0 else 1
            y = functional.conv2d(x, weights[f"{name}.conv1.weight"])
            y = functional.relu(normalised(f"{name}.bn1", y))
            y = functional.conv2d(y, weights[f"{name}.conv2.weight"], stride=stride, padding=1)
            y = functional.relu(normalised(f"{name}.bn2", y))
            y = normalised(f"{name}.bn3", functional.conv2d(y, weights[f"{name}.conv3.weight"]))
            if block == 0:
                x = functional.conv2d(x, weights[f"{name}.downsample.0.weight"], stride=stride)
                x = normalised(f"{name}.downsample.1", x)
            x = functional.relu(x + y)
    return x.mean(dim=(2, 3))


@pytest.fixture(scope="module")
def torchvision_weights():
    torch.manual_seed(0)
    weights = {}
    for name, shape in torchvision_shapes().items():
        if name.endswith("num_batches_tracked"):
            weights[name] = torch.tensor(7)
        elif name.endswith(("running_var", "bn1.weight", "bn2.weight", "bn3.weight", "downsample.1.weight")):
            weights[name] = 1 + 0.1 * torch.rand(shape)
        elif len(shape) == 4:
            weights[name] = torch.randn(shape) * (2 / (shape[1] * shape[2] * shape[3])) ** 0.5
        else:
            weights[name] = 0.1 * torch.randn(shape)
    return weights


@pytest.fixture(scope="module")
def pretrained(torchvision_weights, tmp_path_factory):
    file = tmp_path_factory.mktemp("weights") / "resnet50.safetensors"
    save_file(torchvision_weights, file)
    return file


def loaded(images, labels, file, **options):
    return train("resnet50", images, labels, seed=0, device="cpu", steps=0, pretrained=str(file), **options)


def test_pretrained_weights_give_torchvisions_features(labelled, pretrained, torchvision_weights):
    images = labelled[0][:3]
    weights = loaded(images, labelled[1][:3], pretrained, channels=3)
    mean, std = (torch.tensor(values).view(3, 1, 1) for values in ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)))
    expected = torchvision_forward(torchvision_weights, (torch.from_numpy(images)[:, None] / 255 - mean) / std)
    features = encode("resnet50", images, weights, device="cpu")
    assert features.shape == (3, 2048)
    assert expected.std() > 0
    np.testing.assert_allclose(features, expected.numpy(), rtol=1e-3, atol=1e-4 * float(expected.max()))


def test_one_channel_takes_the_sum_of_three(labelled, pretrained, torchvision_weights):
    images = labelled[0][:3]
    weights = loaded(images, labelled[1][:3], pretrained)
    expected = torchvision_weights["conv1.weight"].sum(dim=1, keepdim=True).numpy()
    np.testing.assert_allclose(weights["conv1.weight"], expected, rtol=1e-5, atol=1e-6)
    grey = (torch.from_numpy(images)[:, None] / 255 - 0.449) / 0.226
    reference = torchvision_forward(torchvision_weights, grey.expand(-1, 3, -1, -1))
    features = encode("resnet50", images, weights, device="cpu")
    np.testing.assert_allclose(features, reference.numpy(), rtol=1e-3, atol=1e-4 * float(reference.max()))


def test_torch_files_of_tensors_are_read_too_and_old_ones_have_no_counters(
    labelled, pretrained, torchvision_weights, tmp_path
):
    old = {name: tensor for name, tensor in torchvision_weights.items() if "num_batches" not in name}
    torch.save(old, tmp_path / "resnet50.pth")
    images, labels = labelled[0][:3], labelled[1][:3]
    plain, counted = loaded(images, labels, tmp_path / "resnet50.pth"), loaded(images, labels, pretrained)
    assert all(np.array_equal(plain[name], counted[name]) for name in plain if "num_batches" not in name)


@pytest.mark.filterwarnings("ignore:Detected pickle protocol")
def test_code_in_a_weights_file_is_never_run(labelled, tmp_path):
    marker = tmp_path / "executed"

    class Hostile:
        def __reduce__(self):
            return marker.touch, ()

    torch.save({"conv1.weight": Hostile()}, tmp_path / "zip.pth")
    (tmp_path / "bare.pth").write_bytes(pickle.dumps(Hostile()))
    for name in ("zip.pth", "bare.pth"):
        with pytest.raises(ValueError, match="is not a file of plain tensors"):
            loaded(*labelled, tmp_path / name)
    assert not marker.exists()


@pytest.mark.parametrize("name", ["empty.pth", "text.pth", "text.safetensors"])
def test_other_files_are_refused(labelled, tmp_path, name):
    (tmp_path / name).write_bytes(b"" if name.startswith("empty") else b"these are no weights")
    with pytest.raises(ValueError, match="is not a file of plain tensors"):
        loaded(*labelled, tmp_path / name)


def test_wrong_contents_are_all_listed(labelled, torchvision_weights, tmp_path):
    wrong = {**torchvision_weights, "head.bias": torch.zeros(3), "layer1.0.conv1.weight": torch.zeros(64, 64, 3, 3)}
    del wrong["layer4.2.bn3.bias"]
    torch.save(wrong, tmp_path / "wrong.pth")
    with pytest.raises(ValueError, match=r"wrong.pth does not fit") as raised:
        loaded(*labelled, tmp_path / "wrong.pth")
    for offender in ("head.bias", "layer4.2.bn3.bias", "size mismatch for layer1.0.conv1.weight"):
        assert offender in str(raised.value)
    torch.save({"epoch": 3, "bn1.bias": torch.tensor([torch.nan])}, tmp_path / "nested.pth")
    with pytest.raises(ValueError, match=r"not a tensor of finite numbers: epoch, bn1.bias"):
        loaded(*labelled, tmp_path / "nested.pth")
    torch.save([torch.zeros(1)], tmp_path / "list.pth")
    with pytest.raises(ValueError, match="holds a list"):
        loaded(*labelled, tmp_path / "list.pth")


def test_training_is_reproducible_and_company_changes_no_features(labelled):
    images, labels = labelled[0][:8], labelled[1][:8]
    first, again = (train("resnet50", images, labels, seed=0, device="cpu", steps=6, batch=2) for _ in range(2))
    assert all(np.array_equal(first[name], again[name]) for name in first)
    features = encode("resnet50", images, first, device="cpu")
    assert np.isfinite(features).all()
    assert features.std(axis=0).mean() > 0
    np.testing.assert_array_equal(encode("resnet50", images[5:2:-1], first, device="cpu"), features[5:2:-1])


def test_wrong_weights_are_an_error_of_encode(labelled):
    with pytest.raises(ValueError, match=r"does not fit this encoder[^$]*conv1.weight"):
        encode("resnet50", labelled[0], {"weight": np.zeros(2, np.float32)}, device="cpu")
