from types import SimpleNamespace

import pytest

from genprint.copies import judgement, recovery
from genprint.copies.contrast import SIDE, SOFTER
from genprint.images import perturbations
from genprint.plan import copies, needs
from genprint.plan.publication import Publication
from genprint.tables.copies import TITLES

LEAK = SimpleNamespace(dataset="leak")


@pytest.fixture
def search(workflow):
    """The search of a configuration of these tests: 10 real and 20 generated images in blocks of 8."""
    return copies.CopySearch(workflow())


def test_blocks_cover_all_pairs_and_one_half_of_symmetric_ones(search):
    assert {pairing: len(search.blocks("leak", pairing)) for pairing in copies.PAIRINGS} == {
        "real-generated": 2 * 3,
        "real-real": 3,
        "generated-generated": 6,
    }
    assert search.candidates(LEAK)["real_real"] == [
        f"<results>/leak/copies/search/real-real/{block}.parquet" for block in ("0-0", "0-1", "1-1")
    ]


def test_more_blocks_than_can_be_planned_are_refused_at_once(search, monkeypatch):
    search.check_blocks()
    monkeypatch.setattr(copies, "MOST_BLOCKS", 5)
    with pytest.raises(
        ValueError, match=r"datasets.leak: 20 generated images make 6 blocks.*a larger pairs.block than 8"
    ):
        search.check_blocks()


def test_every_data_set_with_runs_is_searched(search):
    assert search.judged("copies") == [f"<results>/{dataset}/copies/copies.parquet" for dataset in ("leak", "test")]


def test_images_are_searched_as_they_were_read(search):
    assert search.searched(LEAK) == {
        "real": "<results>/leak/images/real.npy",
        "generated": "<results>/leak/images/generated.npy",
        "real_table": "<results>/leak/images/real.parquet",
        "generated_table": "<results>/leak/images/generated.parquet",
    }


def test_the_plan_knows_what_the_library_makes():
    assert tuple(judgement.SCHEMAS) == copies.JUDGED
    assert tuple(TITLES) == copies.TABLES


def test_needs_are_those_of_the_library():
    assert sum(map(len, perturbations.KINDS.values())) == needs.SPIKES_OF_AN_IMAGE
    assert recovery.TOGETHER == needs.SPIKES_TOGETHER
    assert (2 + len(SOFTER)) * 4 * SIDE**2 == needs.SEARCHED_IMAGE


def test_copies_are_pictured_where_images_may_be(workflow):
    assert copies.GALLERY not in Publication.of(workflow(report={"galleries": False})).galleries
    assert copies.GALLERY in Publication.of(workflow()).galleries
    assert set(copies.CHARTS) <= set(Publication.of(workflow(report={"galleries": False})).charts)
