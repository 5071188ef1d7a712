import numpy as np
import pytest
import torch
from safetensors.numpy import load, save

from genprint.encoders import encode, train

OBJECTIVES = ("triplet", "classifier", "autoencoder", "contrastive", "patient")


@pytest.fixture(scope="module")
def weights(labelled):
    return train("cnn", *labelled, seed=0, device="cpu", steps=6)


def distances(features, labels):
    """Mean distance of generated features to used and to not used ones."""
    made = features[labels == "generated"][:, None]
    return [np.linalg.norm(made - features[labels == label], axis=2).mean() for label in ("used", "not_used")]


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_training_is_a_function_of_its_arguments(labelled, objective):
    def trained(seed):
        return train("cnn", *labelled, seed=seed, device="cpu", objective=objective, steps=4)

    first = trained(3)
    threads = torch.get_num_threads()
    try:
        torch.set_num_threads(threads + 1)
        torch.manual_seed(99)
        again = trained(3)
    finally:
        torch.set_num_threads(threads)
    assert first.keys() == again.keys()
    assert all(np.array_equal(first[name], again[name]) for name in first)
    assert any((trained(4)[name] != first[name]).any() for name in first)


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_every_objective_gets_better(labelled, objective, capsys):
    images, labels = labelled
    pairs = [f"patient {number // 8}" for number in range(len(images))]
    train("cnn", images, labels, pairs, seed=0, device="cpu", objective=objective, steps=100, batch=6)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"step 10/100  {objective} loss ")
    losses = [float(line.split(" loss ")[1].split()[0]) for line in lines[:-1]]
    assert len(losses) == 10
    assert losses[-1] < 0.9 * losses[0]
    assert lines[-1] == "ended at the budget of 100 steps: too few patients to hold any out"


def test_triplets_pull_generated_to_used_images(labelled):
    images, labels = labelled

    def ratio(steps):
        weights = train("cnn", images, labels, seed=0, device="cpu", steps=steps)
        near, far = distances(encode("cnn", images, weights, device="cpu"), labels)
        return near / far

    assert ratio(60) < 0.5 * ratio(0)


def test_the_classifier_never_sees_generated_images(labelled):
    images, labels = labelled
    real = labels != "generated"
    others = images.copy()
    others[~real] = 255 - others[~real]
    heads = [
        train("cnn", *pair, seed=0, device="cpu", objective="classifier", steps=4)
        for pair in ((images, labels), (others, labels))
    ]
    # Batch normalisation's statistics come from all images and differ; what was learned does not.
    learned = [name for name in heads[0] if "running" not in name]
    assert all(np.array_equal(heads[0][name], heads[1][name]) for name in learned)


def test_an_image_is_encoded_alike_in_any_company(weights, ct_slices):
    images = ct_slices[:, ::4, ::4].repeat(2, axis=0)  # 48 images: a whole batch and a part of one
    features = encode("cnn", images, weights, device="cpu")
    assert features.shape == (48, 128)
    assert features.dtype == np.float32
    np.testing.assert_array_equal(features[::2], features[1::2])
    order = np.random.default_rng(0).permutation(48)
    np.testing.assert_array_equal(encode("cnn", images[order], weights, device="cpu"), features[order])
    alone = [encode("cnn", images[[index]], weights, device="cpu") for index in (0, 31, 47)]
    np.testing.assert_array_equal(np.concatenate(alone), features[[0, 31, 47]])


def test_different_images_have_different_features(weights, ct_slices):
    assert (encode("cnn", ct_slices[:4], weights, device="cpu").std(axis=0) > 0).all()


def test_options_of_training_may_be_given_to_encode(weights, labelled):
    plain = encode("cnn", labelled[0], weights, device="cpu")
    with_options = encode("cnn", labelled[0], weights, device="cpu", objective="triplet", steps=9)
    np.testing.assert_array_equal(plain, with_options)


def test_weights_survive_safetensors(weights, labelled):
    stored = load(save(weights))
    assert {array.dtype.name for array in stored.values()} == {"float32", "int64"}
    np.testing.assert_array_equal(
        encode("cnn", labelled[0], stored, device="cpu"), encode("cnn", labelled[0], weights, device="cpu")
    )


def test_images_of_other_sizes_and_shapes_work(weights):
    for shape in ((2, 16, 16), (2, 50, 33)):
        images = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
        assert np.isfinite(encode("cnn", images, weights, device="cpu")).all()


def test_no_steps_leave_the_network_as_it_starts(labelled):
    images, labels = labelled
    start = train("cnn", images, labels, seed=0, device="cpu", steps=0)
    other = train("cnn", images[::-1], labels, seed=0, device="cpu", steps=0, objective="autoencoder")
    assert all(np.array_equal(start[name], other[name]) for name in start)
    assert encode("cnn", images, start, device="cpu").std() > 0


def test_a_batch_that_leaves_one_image_over_trains(labelled):
    images, labels = labelled
    chosen = np.flatnonzero(labels != "generated")[:9]
    options = {"seed": 0, "device": "cpu", "objective": "classifier", "batch": 8}
    start, trained = (train("cnn", images[chosen], labels[chosen], steps=steps, **options) for steps in (0, 2))
    assert all(np.isfinite(values).all() for values in trained.values())
    assert any(not np.array_equal(start[name], trained[name]) for name in trained)


def test_missing_labels_are_all_named(labelled):
    images = labelled[0][:4]
    with pytest.raises(ValueError, match="objective triplet has no used and no not_used images"):
        train("cnn", images, ["generated"] * 4, seed=0, device="cpu")
    with pytest.raises(ValueError, match="objective classifier has no not_used images"):
        train("cnn", images, ["used"] * 4, seed=0, device="cpu", objective="classifier")
    with pytest.raises(ValueError, match="no objective 'simclr'; choose triplet"):
        train("cnn", images, ["used"] * 4, seed=0, device="cpu", objective="simclr")


def test_divergence_ends_training(labelled):
    with pytest.raises(ValueError, match="diverged by step"):
        train("cnn", *labelled, seed=0, device="cpu", learning_rate=1e30, steps=9)


def test_weights_of_another_network_list_all_differences(weights, labelled):
    wrong = {name: array for name, array in weights.items() if name != "embedding.bias"}
    wrong["block1.0.weight"] = np.zeros((8, 3, 3, 3), np.float32)
    wrong["head.weight"] = np.zeros(1, np.float32)
    with pytest.raises(ValueError, match=r"embedding.bias") as raised:
        encode("cnn", labelled[0], wrong, device="cpu")
    assert "head.weight" in str(raised.value)
    assert "size mismatch for block1.0.weight" in str(raised.value)
