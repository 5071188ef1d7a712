from types import SimpleNamespace

import pytest

from genprint.plan.publication import Publication

LIMITS = {
    "dataset": "leak",
    "ladders": {"l": {"generator": {"method": "copy"}, "vary": "share", "levels": [0.1, 0.5]}},
}
NO_SHORTLIST = [{"variants": ["original"], "encoders": ["pixels"], "similarities": ["ssim3"]}]


@pytest.fixture
def publication(workflow):
    """The publication of a configuration of these tests."""
    return lambda **changes: Publication.of(workflow(**changes))


@pytest.mark.parametrize(("allowed", "pictured"), [("phantom", ["leak"]), (True, ["leak", "test"]), (False, [])])
def test_images_are_shown_where_that_is_allowed(publication, allowed, pictured):
    made = publication(report={"galleries": allowed})
    assert made.pictured == pictured
    assert bool(made.galleries) == bool(pictured)
    assert "auc" in made.charts and not {"auc"} & set(made.galleries)


def test_noise_and_enhancement_are_told_apart_by_what_their_files_declare(publication):
    made = publication()
    assert made.variants() == ["original", "noise", "blur"]
    assert made.variants(noise=True) == ["original", "noise"]
    assert made.variants(noise=False) == ["original", "blur"]
    assert made.variant_images()[:3] == [
        "<results>/leak/images/real.npy",
        "<results>/leak/images/generated.npy",
        "<results>/leak/variants/noise/real.npy",
    ]


def test_images_are_explained_by_similarities_of_all_their_pairs(publication):
    assert publication().image_similarities().keys() == {"cosine", "ssim3"}


def test_limits_are_shown_where_they_are_asked_for(publication):
    assert publication().limits == [] and "limits" not in publication().charts
    assert publication().limit_tables == []
    asked = publication(limits=LIMITS, runs=NO_SHORTLIST)
    assert "limits" in asked.charts and asked.limit_tables == ["limits", "withheld"]
    assert asked.sheets["limits"][0] == "<results>/limits/l/0-9/samples.png"
    assert not publication(limits=LIMITS, runs=NO_SHORTLIST, report={"galleries": False}).sheets["limits"]
    assert publication(limits=LIMITS | {"copies": False}, runs=NO_SHORTLIST).limit_tables == ["limits"]


def test_reported_numbers_stand_beside_ours_in_the_tables_of_their_year(publication):
    assert publication().reported == []
    assert publication(tables={"reported": [2025]}).reported == ["2025-table-1", "2025-table-2", "2025-table-3"]


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        ({"pairs": {"threads": 2}}, True),
        ({"report": {"at_risk": 3}}, True),
        ({"encoders": {"pixels": {"method": "pixels"}, "cnn": {"method": "cnn", "steps": 2}}}, True),
        ({"tables": {"score_rule": "mean"}}, False),
        ({"variants": {name: {"method": "original"} for name in ("original", "noise", "blur")}}, False),
    ],
)
def test_tables_depend_on_what_they_show_and_on_no_other_option(publication, changes, same):
    assert (publication(**changes).table_settings() == publication().table_settings()) == same


def test_the_page_hides_names_of_files_where_images_have_pseudonyms(publication):
    assert "test/real" in str(publication().page_settings())
    hidden = publication(report={"pseudonyms": True})
    assert "test/real" not in str(hidden.page_settings()) + str(hidden.table_settings())
    assert (publication().pseudonyms, hidden.pseudonyms) == ([], "<results>/pseudonyms.csv")


def test_run_files_are_packed_by_data_set(publication):
    made = publication(submissions={"runs": [{"score_rules": ["max", "mean"]}]})
    assert made.decided_datasets == ["test"]
    assert made.submission_archives() == ["<results>/submissions/test.zip"]
    assert made.run_files_of("test") == [["original", "pixels", "ssim3", rule, "best-f1"] for rule in ("max", "mean")]
    assert made.run_files_of("leak") == []
    assert made.decided(SimpleNamespace(dataset="test")) == {
        stage: [f"<results>/test/{stage}/original/pixels/ssim3.parquet"] * 2 for stage in ("scores", "thresholds")
    }
    with pytest.raises(ValueError, match="matches no run on images of unknown label"):
        publication(submissions={"runs": [{"encoders": ["cnn"]}]})
