"""The loop that all trained encoders share, on images whose patients are known."""

import re

import cv2
import numpy as np
import pytest
import torch
from torch import nn

from genprint.encoders import LABELS, encode, reduced, train
from genprint.encoders._objectives import OBJECTIVES, Part, distorted, nt_xent
from genprint.encoders._training import Lowest, held_out

REAL = ("used", "not_used")


def patients(number=20, images=2, size=32):
    """Images of patients: a pattern for each, with noise of each image; used, not used and generated in turn."""
    random = np.random.default_rng(0)
    patterns = cv2.resize(random.uniform(60, 200, (4, 4, number * 3)), (size, size)).transpose(2, 0, 1)
    stack = np.repeat(patterns, images, axis=0) + random.normal(0, 5, (number * 3 * images, size, size))
    labels = np.tile(np.repeat(["used", "not_used", "generated"], images), number)
    groups = np.repeat([f"patient {patient}" for patient in range(number * 3)], images)
    return np.clip(stack, 0, 255).astype(np.uint8), labels, groups


def log(capsys, **options):
    train("cnn", *patients(), seed=0, device="cpu", **options)
    return capsys.readouterr().out.splitlines()


def test_training_ends_when_the_loss_of_the_held_out_no_longer_falls(capsys):
    # Nothing in the patterns tells used from not used patients: a network can only learn those it trains on by heart.
    lines = log(capsys, objective="classifier", steps=1000, batch=8)
    found = re.fullmatch(
        r"ended after (\d+) of 1000 steps: the loss of the held out no longer falls; the weights of step (\d+) stay",
        lines[-1],
    )
    ended, lowest = map(int, found.groups())
    losses = {int(line.split()[1].split("/")[0]): float(line.split()[-1]) for line in lines[:-1]}
    assert ended == max(losses) == lowest + 30
    assert losses[lowest] == min(losses.values())


def test_the_budget_ends_training_too(capsys):
    lines = log(capsys, objective="autoencoder", steps=25, batch=8)
    assert [line.split()[1] for line in lines[:-1]] == ["10/25", "20/25", "25/25"]
    assert lines[-1] == "ended at the budget of 25 steps; the weights of step 25 stay"


def test_the_weights_of_the_lowest_loss_stay(capsys):
    options = {"objective": "classifier", "batch": 8, "seed": 0, "device": "cpu"}
    longer = train("cnn", *patients(), steps=1000, **options)
    lowest = int(re.search(r"the weights of step (\d+) stay", capsys.readouterr().out).group(1))
    shorter = train("cnn", *patients(), steps=lowest, **options)
    # Batch normalisation learns its statistics from images in another order.
    learnt = [name for name in longer if "running" not in name and "num_batches" not in name]
    assert all(np.array_equal(longer[name], shorter[name]) for name in learnt)


def test_when_to_stop_is_a_question_of_always_the_same_triplets(capsys):
    lines = log(capsys, objective="triplet", steps=40, batch=8, learning_rate=1e-12)
    assert len({line.split("held out")[1] for line in lines[:-1]}) == 1
    assert len({line.split(" loss ")[1].split()[0] for line in lines[:-1]}) > 1


def test_the_lowest_loss_is_past_after_three_checks_that_are_not_lower():
    rule = Lowest()
    losses = [3.0, 2.0, 2.5, 2.0, 2.1, 0.1]
    ends = [rule.is_reached(10 * step, loss) or rule.is_past(10 * step) for step, loss in enumerate(losses[:5], 1)]
    assert ends == [True, True, False, False, True]
    assert rule.step == 20
    assert rule.is_past(50)
    assert not rule.is_past(40)


def test_no_patient_is_on_both_sides_and_every_label_is():
    _, labels, groups = patients()
    torch.manual_seed(0)
    chosen = held_out(labels, groups, LABELS, ("generated",))
    assert not set(groups[chosen]) & set(groups[~chosen])
    assert {label: int(((labels == label) & chosen).sum()) for label in set(labels)} == dict.fromkeys(set(labels), 8)


def test_four_patients_of_a_label_are_too_few():
    _, labels, groups = patients(number=4)
    assert not held_out(labels, groups, REAL, REAL).any()
    assert not held_out(np.repeat(["used", "not_used"], [50, 2]), np.arange(52).astype(str), ("not_used",), REAL).any()


@pytest.mark.parametrize("objective", ["contrastive", "patient"])
def test_generated_images_alone_do_not_say_when_to_stop_what_learns_from_real_ones(objective, capsys):
    images, labels, _ = patients(number=4)
    groups = np.where(labels == "generated", np.arange(len(labels)).astype(str), np.repeat(list("abcdefghijkl"), 2))
    assert not held_out(labels, groups, (), REAL).any()
    train("cnn", images, labels, groups, seed=0, device="cpu", objective=objective, steps=20, batch=4)
    assert capsys.readouterr().out.splitlines()[-1].endswith("too few patients to hold any out")


def test_reduced_images_are_means_of_what_they_cover():
    image = np.random.default_rng(0).integers(0, 256, (2, 64, 32), dtype=np.uint8)
    small = reduced(image, 16)
    assert small.shape == (2, 16, 8)
    np.testing.assert_allclose(small, image.reshape(2, 16, 4, 8, 4).mean(axis=(2, 4)), atol=0.51)
    assert reduced(image, 64) is image
    assert reduced(image, None) is image


def test_resize_is_what_the_network_sees():
    images, labels, groups = patients(number=6, size=64)
    options = {"seed": 0, "device": "cpu", "steps": 5, "resize": 32}
    weights = train("cnn", images, labels, groups, **options)
    small = reduced(images, 32)
    same = train("cnn", small, labels, groups, seed=0, device="cpu", steps=5)
    assert all(np.array_equal(weights[name], same[name]) for name in weights)
    np.testing.assert_array_equal(
        encode("cnn", images, weights, device="cpu", resize=32), encode("cnn", small, weights, device="cpu")
    )
    assert (encode("cnn", images, weights, device="cpu") != encode("cnn", small, weights, device="cpu")).any()


def test_bf16_is_near_float32():
    images, labels, groups = patients(number=6)
    exact, fast = (
        train("cnn", images, labels, groups, seed=0, device="cpu", steps=10, precision=precision)
        for precision in ("float32", "bf16")
    )
    assert any((exact[name] != fast[name]).any() for name in exact)
    features, near = (
        encode("cnn", images, exact, device="cpu", precision=precision) for precision in ("float32", "bf16")
    )
    assert near.dtype == np.float32
    assert 0 < np.abs(near - features).max() < 0.05 * np.abs(features).max()


def test_bf16_without_its_instructions_is_refused(monkeypatch):
    monkeypatch.setattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", lambda: False)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ValueError, match="no bf16 arithmetic; write precision: float32"):
        train("cnn", *patients(number=6), seed=0, device="cpu", steps=1, precision="bf16")


def test_nt_xent_is_its_formula():
    random = np.random.default_rng(0)
    features, groups = random.normal(size=(6, 4)), [0, 1, 0, 0, 1, 0]
    unit = features / np.linalg.norm(features, axis=1, keepdims=True)
    terms = np.exp(unit @ unit.T / 0.1)
    expected = []
    for i in range(6):
        j = (i + 3) % 6
        others = sum(terms[i, k] for k in range(6) if groups[k] != groups[i])
        expected.append(-np.log(terms[i, j] / (terms[i, j] + others)))
    assert float(nt_xent(torch.tensor(features), torch.tensor(groups))) == pytest.approx(np.mean(expected), rel=1e-5)


def test_distorted_images_differ_and_stay_images():
    images = torch.from_numpy(patients(number=4)[0])
    torch.manual_seed(0)
    first, second = distorted(images), distorted(images)
    assert first.shape == images.shape
    assert (first != second).any(dim=(1, 2)).all()
    assert first.min() >= 0
    assert first.max() <= 255
    assert (first - images).abs().mean() < 60


def test_two_images_of_a_patient_are_partners_and_one_alone_is_its_own(monkeypatch):
    monkeypatch.setattr("genprint.encoders._objectives.distorted", lambda images: images.float())
    images, labels, groups = patients(number=2)
    groups[-6] = "alone"  # the first of the last used patient, whose other image is then alone too
    part = Part.of(torch.from_numpy(images), labels, groups, np.ones(len(images), bool))
    batch = part.any_of("used", "not_used")
    seen = []

    class Watching(nn.Module):
        def forward(self, views):
            seen.append(views)
            return views.flatten(1)

    OBJECTIVES["patient"](dimension=1, margin=1.0)(Watching(), part, batch)
    first, second = seen[0].numpy().reshape(2, len(batch), -1)
    own, place = images.reshape(len(images), -1), batch.numpy()
    partners = [int(np.flatnonzero((own == view).all(axis=1))[0]) for view in second]
    np.testing.assert_array_equal(first, own[place])
    assert [groups[partner] for partner in partners] == [*groups[place]]
    sizes = {group: int((groups[place] == group).sum()) for group in set(groups[place])}
    assert {partner == position for partner, position in zip(partners, place, strict=True)} == {True, False}
    for partner, position in zip(partners, place, strict=True):
        assert (partner == position) == (sizes[groups[position]] == 1)


def test_an_encoder_of_patients_finds_the_other_image_of_a_patient(capsys):
    images, labels, groups = patients(number=20)
    weights = train("cnn", images, labels, groups, seed=0, device="cpu", objective="patient", steps=100)
    fresh, _, fresh_groups = patients(number=20)
    features = encode("cnn", fresh, weights, device="cpu")
    distances = np.linalg.norm(features[:, None] - features[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    assert (fresh_groups[distances.argmin(axis=1)] == fresh_groups).mean() > 0.9
