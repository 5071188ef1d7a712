import numpy as np
import pandas as pd
import pytest

from genprint.report.figures.example import (
    Example,
    difference,
    noise_figure,
    pictured,
    similarities,
    similarity_figure,
)
from genprint.report.figures.images import enhancement_figure, image_sheet, labelled_rows
from genprint.report.figures.nearest import nearest_figure, nearest_pairs

BLACK, GREY, WHITE = (np.full((16, 16), level, np.uint8) for level in (0, 128, 255))
METHODS = {"near": {"method": "euclidean"}, "alike": {"method": "ssim"}}


@pytest.fixture
def example():
    rng = np.random.default_rng(0)
    used, not_used = rng.integers(0, 256, (2, 16, 16), dtype=np.uint8)
    return Example(used, used, not_used)


def test_rows_by_label():
    images = np.zeros((3, 4, 4), np.uint8)
    labels = np.array(["used", "not_used", "used"], object)
    rows = labelled_rows(["a"], [images], [labels], [images[:1]])
    assert {name: len(shown) for name, shown in rows.items()} == {
        "a: used, n = 2": 2,
        "a: not used, n = 1": 1,
        "a: generated, n = 1": 1,
    }
    assert [axis.get_title(loc="left") for axis in image_sheet(rows).axes] == list(rows)


def test_enhancement_has_the_generated_image_above_the_real_one():
    figure = enhancement_figure({"original": (BLACK, WHITE), "dog": (BLACK, GREY)})
    assert [axis.get_title() for axis in figure.axes] == ["original", "dog", "", ""]
    assert [axis.images[0].get_array().max() for axis in figure.axes] == [255, 128, 0, 0]


def test_similarities_are_those_of_the_generated_image(example):
    found = similarities(example, METHODS)
    assert found["near"][0] == 0 > found["near"][1]
    assert found["alike"][0] == pytest.approx(1) and found["alike"][1] < 0.5


def test_the_schematics_show_three_images_and_every_similarity(example):
    found = similarities(example, METHODS)
    schematic = similarity_figure(example, found, Example("u", "g", "n"))
    titles = [axis.get_title() for axis in schematic.axes]
    assert [title for title in titles if title] == ["used\nu", "generated\ng", "not used\nn"]
    written = " ".join(text.get_text() for axis in schematic.axes for text in axis.texts)
    assert written.count("alike") == written.count("near") == 2
    noise = noise_figure({"original": example, "noise": example}, {"original": found, "noise": found})
    assert [axis.get_ylabel() for axis in noise.axes[::3]] == ["original", "noise"]
    assert "alike 1.000" in noise.axes[0].get_xlabel()


def test_without_noise_or_enhancement_a_figure_says_so():
    assert "noise" in noise_figure({}, {}).texts[0].get_text()
    assert "enhancement" in enhancement_figure({}).texts[0].get_text()
    assert nearest_figure([]).texts


def test_a_difference_does_not_wrap():
    assert difference(BLACK, WHITE).max() == difference(WHITE, BLACK).min() == 255


def test_the_example_is_found_by_id():
    assert pictured(Example("a", "g", "b"), {"a": 1, "b": 2}, {"g": 3}) == (1, 3, 2)


def test_pairs_carry_the_names_they_may_carry():
    row = {"dataset": "d", "rank": 1, "image_id": "doe", "label": "not_used", "nearest": "g", "nearest_similarity": 0.5}
    pairs = nearest_pairs(pd.DataFrame([row] * 4), {"doe": WHITE}, {"g": GREY}, name_of={"doe": "image-1"}.get)
    assert pairs[0].real_name == "image-1\n(not used)" and pairs[0].title == "d, rank 1"
    figure = nearest_figure(pairs)
    assert len(figure.axes) == 12
    assert figure.axes[2].images[0].get_array().max() == 127
