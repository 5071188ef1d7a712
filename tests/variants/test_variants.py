import cv2
import numpy as np
import pytest

from genprint.plan.sources import declared
from genprint.variants import METHODS, variant

RANDOM = [name for name, module in METHODS.items() if declared(module)["RANDOM"]]
ONE_SIDED = [name for name in RANDOM if "on" in declared(METHODS[name])["PARAMETERS"]]


@pytest.fixture
def images():
    return np.random.default_rng(0).integers(0, 256, (5, 20, 30), dtype=np.uint8)


@pytest.fixture
def sha256():
    return [f"content-{number}" for number in range(5)]


def test_all_variants_of_both_papers_are_there():
    assert {
        "original",
        "gaussian-noise",
        "salt-pepper",
        "gaussian",
        "dog",
        "laplacian",
        "hessian",
        "bilateral",
    } <= METHODS.keys()


@pytest.mark.parametrize("name", METHODS)
def test_order_and_blocks_change_nothing(name, images, sha256):
    def apply(order):
        chosen = [sha256[index] for index in order]
        return variant(name, images[order], chosen, seed=1, slug=name, side="real")

    whole = apply([0, 1, 2, 3, 4])
    np.testing.assert_array_equal(apply([3, 0, 4, 2, 1]), whole[[3, 0, 4, 2, 1]])
    np.testing.assert_array_equal(np.concatenate([apply([0, 1]), apply([2, 3, 4])]), whole)


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("level", [0, 7, 255])
def test_constant_images_stay_finite_and_whole(name, level):
    constant = np.full((2, 16, 16), level, np.uint8)
    with np.errstate(all="raise"):
        result = variant(name, constant, ["a", "b"], seed=0, slug=name, side="real")
    assert result.dtype == np.uint8
    assert result.shape == constant.shape
    if name not in RANDOM:
        assert np.ptp(result) == 0


@pytest.mark.parametrize("name", METHODS)
def test_a_read_only_memory_map_is_enough_and_stays_as_it_is(name, images, sha256, tmp_path):
    np.save(tmp_path / "images.npy", images)
    mapped = np.load(tmp_path / "images.npy", mmap_mode="r")
    result = variant(name, mapped, sha256, seed=0, slug=name, side="real")
    np.testing.assert_array_equal(result, variant(name, images, sha256, seed=0, slug=name, side="real"))
    np.testing.assert_array_equal(mapped, images)


@pytest.mark.parametrize("name", METHODS)
def test_threads_of_opencv_change_nothing(name, ct_slices):
    def apply(threads):
        cv2.setNumThreads(threads)
        return variant(name, ct_slices[:2], ["a", "b"], seed=0, slug=name, side="real")

    before = cv2.getNumThreads()
    try:
        np.testing.assert_array_equal(apply(1), apply(4))
    finally:
        cv2.setNumThreads(before)


@pytest.mark.parametrize("name", RANDOM)
def test_a_stream_belongs_to_seed_slug_and_content_alone(name, images):
    grey = np.full((2, 20, 30), 128, np.uint8)

    def apply(seed=0, slug="noise", side="real", content=("a", "b")):
        return variant(name, grey, content, seed=seed, slug=slug, side=side)

    first, second = apply()
    assert (first != second).any()
    assert (apply(seed=1) != apply()).any()
    assert (apply(slug="louder-noise") != apply()).any()
    np.testing.assert_array_equal(apply(side="generated"), apply())
    np.testing.assert_array_equal(apply(content=("a", "a"))[1], first)


@pytest.mark.parametrize("name", ONE_SIDED)
def test_on_chooses_the_set_that_gets_the_noise(name, images, sha256):
    def changed(on, side):
        result = variant(name, images, sha256, seed=0, slug=name, side=side, on=on)
        return bool((result != images).any())

    assert [changed(on, "real") for on in ("both", "real", "generated")] == [True, True, False]
    assert [changed(on, "generated") for on in ("both", "real", "generated")] == [True, False, True]


def test_every_wrong_choice_is_named(images, sha256):
    with pytest.raises(ValueError, match=r"response is 'trace'.*determinant.*output is 'edges'.*mask"):
        variant(
            "hessian",
            images,
            sha256,
            seed=0,
            slug="h",
            side="real",
            response="trace",
            output="edges",
        )
    with pytest.raises(ValueError, match="on is 'bot'"):
        variant("gaussian-noise", images, sha256, seed=0, slug="n", side="real", on="bot")


def test_wrong_calls_say_what_is_wrong(images, sha256):
    def call(name="original", images=images, sha256=sha256, side="real"):
        variant(name, images, sha256, seed=0, slug="x", side=side)

    with pytest.raises(ValueError, match=r"no variant 'sobel'.*bilateral"):
        call(name="sobel")
    with pytest.raises(ValueError, match="side is 'used'"):
        call(side="used")
    with pytest.raises(ValueError, match="float64"):
        call(images=images / 255)
    with pytest.raises(ValueError, match="5 images need as many hashes, not 4"):
        call(sha256=sha256[:4])
