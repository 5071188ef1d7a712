"""The files of every job, without Snakemake and without an image."""

import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from genprint.images.folder import ImageError
from genprint.plan.runs import GENERATED_GENERATED, REAL_GENERATED, REAL_REAL, Run, block_slices

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
SSIM3 = Run("leak", "original", "pixels", "ssim3")
OF_FEATURES = Run("leak", "blur", "cnn", "cosine")
BLUR = [{"variants": ["blur"], "encoders": ["cnn"], "similarities": ["cosine"], "datasets": ["leak"]}]
LISTED = Run("leak", "blur", "pixels", "listed")


def job(run, **more):
    """The wildcards of a job of a run."""
    return SimpleNamespace(**run._asdict(), **more)


def test_the_plan_imports_no_numpy():
    """Every job on a cluster parses the workflow again."""
    modules = ", ".join(f"genprint.plan.{file.stem}" for file in (SCRIPTS / "genprint/plan").glob("[!_]*.py"))
    code = f"import sys, {modules}; print({{'numpy', 'pandas', 'pyarrow', 'torch', 'numba'}} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", code], cwd=SCRIPTS, check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "set()"


def test_images_are_counted_where_they_come_from(workflow):
    assert workflow().counts("leak") == {"real": 5 * 2, "generated": 20}
    assert workflow().counts("test") == {"real": 9, "generated": 17}


def test_braces_in_any_image_file_are_refused(workflow, tmp_path):
    workflow()
    for name in ("real/a{b}.png", "generated/{c}.png"):
        (tmp_path / "test" / name).touch()
    with pytest.raises(ImageError, match=r"for 2 reasons") as caught:
        workflow()
    assert {fault.where for fault in caught.value.faults} == {"test/real/a{b}.png", "test/generated/{c}.png"}


def test_a_data_set_reads_its_files_or_the_phantom(workflow, tmp_path):
    (tmp_path / "ids.csv").touch()
    own = {"source": "controlled", "real": ["test/real/*"], "generator": {"method": "parzen"}}
    own["groups"] = {"file": "ids.csv", "value": "patient"}
    plan = workflow(datasets={"own": own, "leak": own | {"real": "phantom", "groups": None}}, runs=BLUR)
    assert plan.source_files("leak") == {
        "images": "<results>/phantom/real.npy",
        "table": "<results>/phantom/real.parquet",
    }
    files = plan.source_files("own")
    assert files == {"real": [f"test/real/{number}.png" for number in range(9)], "annotations": ["ids.csv"]}


@pytest.mark.parametrize(
    ("properties", "names"),
    [
        ({"source": "folder"}, {"test"}),
        ({"source": "controlled"}, {"leak"}),
        ({"calibrated_elsewhere": True}, {"test"}),
        ({"calibrated_elsewhere": False}, {"leak"}),
        ({"one_block": True}, set()),
        ({"one_block": False}, {"leak", "test"}),
    ],
)
def test_patterns_match_the_data_sets_with_a_property_and_no_other_name(workflow, properties, names):
    pattern = workflow().dataset_pattern(**properties)
    assert {name for name in ("leak", "test", "x", "") if re.fullmatch(pattern, name)} == names


def test_a_data_set_is_of_one_block_if_its_larger_side_fits(workflow):
    assert workflow(pairs={"block": 20}).dataset_pattern(one_block=True) == "leak|test"
    assert workflow(pairs={"block": 19}).dataset_pattern(one_block=True) == "test"


def test_similarities_are_of_a_shortlist_or_of_all_pairs(workflow):
    assert workflow().similarity_pattern(shortlist=True) == "listed"
    assert workflow().similarity_pattern(shortlist=False) == "cosine|ssim3"


def test_blocks_cover_all_pairs_of_a_pairing(workflow):
    plan = workflow()
    covered = set()
    for file in plan.blocks(SSIM3, REAL_GENERATED):
        folder, block = re.fullmatch(r"<results>/leak/similarity/(.*)/(\d+-\d+)\.parquet", file).groups()
        assert folder == "original/pixels/ssim3/real-generated"
        rows, columns = block_slices(block, 8)
        covered |= {(i, j) for i in range(10)[rows] for j in range(20)[columns]}
    assert len(covered) == 10 * 20
    assert len(plan.blocks(SSIM3, REAL_REAL)) == 3, "of two by two blocks, the upper triangle"


def test_only_runs_that_ask_for_it_compare_generated_images_with_each_other(workflow):
    plan = workflow()
    assert plan.pairings(SSIM3) == [REAL_GENERATED, REAL_REAL, GENERATED_GENERATED]
    assert plan.pairings(LISTED) == [REAL_GENERATED, REAL_REAL]
    assert plan.statistics() == [
        f"<results>/{dataset}/statistics/original/pixels/ssim3.parquet" for dataset in ("leak", "test")
    ]
    assert list(plan.evidence(job(SSIM3))) == ["real_generated", "real_real"]
    assert list(plan.all_pairings(job(SSIM3))) == ["real_generated", "real_real", "generated_generated"]
    assert sorted(plan.all_blocks()) == sorted(
        file for run in plan.runs for pairing in plan.pairings(run) for file in plan.blocks(run, pairing)
    )


def test_pairs_are_counted_once_where_runs_share_them(workflow):
    one = workflow(runs=BLUR)
    assert one.pairs() == 10 * 20 + 10 * 9 // 2
    shared = [*one.settings["runs"], one.settings["runs"][0] | {"encoders": ["pixels"], "similarities": ["listed"]}]
    assert workflow(runs=shared).pairs() == one.pairs()
    everything = one.settings["runs"][0] | {"generated_generated": True}
    assert workflow(runs=[everything]).pairs() == one.pairs() + 20 * 19 // 2


def test_a_shortlist_is_made_by_the_same_block_of_its_maker(workflow):
    plan = workflow()
    assert plan.of_all_pairs(LISTED) == OF_FEATURES
    assert plan.of_all_pairs(OF_FEATURES) == OF_FEATURES
    block = job(LISTED, pairing=REAL_REAL, block="0-1")
    assert plan.shortlist(block) == "<results>/leak/similarity/blur/cnn/cosine/real-real/0-1.parquet"
    assert [plan.nearest(job(run)) for run in (LISTED, OF_FEATURES)] == [3, 6]


def test_what_is_compared_is_features_or_a_variant_or_the_images_themselves(workflow):
    plan = workflow()
    compared = [plan.compared(job(run))["real"] for run in (OF_FEATURES, LISTED, SSIM3)]
    assert compared == [
        "<results>/leak/features/blur/cnn/real.npy",
        "<results>/leak/variants/blur/real.npy",
        "<results>/leak/images/real.npy",
    ]
    assert set(plan.features()) >= {*compared, compared[0].replace("real", "generated")}
    both = plan.compared(job(SSIM3))
    assert list(both) == ["real", "generated", "real_table", "generated_table"]
    assert list(plan.compared(job(SSIM3, pairing=REAL_REAL))) == ["real", "real_table"]
    assert plan.encoded(job(LISTED)) == {
        side: f"<results>/leak/variants/blur/{side}.npy" for side in ("real", "generated")
    }


def test_a_data_set_without_labels_takes_all_that_is_calibrated_from_its_calibrator(workflow):
    plan = workflow()
    test = OF_FEATURES._replace(dataset="test")
    assert plan.weights(job(test)) == "<results>/leak/features/blur/cnn/weights.safetensors"
    assert plan.constants(job(test)) == "<results>/leak/features/blur/cnn/calibration.npz"
    assert plan.thresholds(job(test)) == "<results>/leak/thresholds/blur/cnn/cosine.parquet"
    assert plan.thresholds(job(OF_FEATURES)) == [] == plan.constants(job(SSIM3))
    own = "original/pixels/ssim3.parquet"
    assert plan.evaluated(SimpleNamespace(dataset="test")) == {
        "scores": [f"<results>/test/scores/{own}"],
        "thresholds": [f"<results>/test/thresholds/{own}"],
        "calibration": [f"<results>/leak/metrics/{own}"],
    }


def test_files_of_a_stage_are_those_of_its_runs_in_their_order(workflow):
    plan = workflow()
    assert plan.files("metrics") == [f"<results>/{run.dataset}/metrics/{run.path}.parquet" for run in plan.runs]
    judged = plan.judged(SimpleNamespace(dataset="leak"))
    assert len(judged["scores"]) == len(judged["thresholds"]) == len(plan.runs_on("leak")) == 4
    assert plan.dataset_files("x.parquet") == ["<results>/leak/x.parquet", "<results>/test/x.parquet"]
    assert plan.dataset_files("x.parquet", ["test"]) == ["<results>/test/x.parquet"]


LADDERS = {"l": {"generator": {"method": "copy"}, "vary": "share", "levels": [0.1, 0.5]}}
MEMORISING = {"generator": {"method": "copy"}, "vary": "share", "levels": [0.5]}
EXAMINED = [{"variants": ["original"], "encoders": ["pixels", "cnn"], "similarities": ["cosine"], "datasets": ["leak"]}]


def test_trials_are_of_every_split_once_and_of_the_runs_on_their_data_set(workflow):
    limits = {"dataset": "leak", "ladders": LADDERS, "seeds": 7, "seeds_per_job": 3}
    plan = workflow(limits=limits, runs=EXAMINED)
    blocks = ("0-2", "3-5", "6-6")
    assert plan.trials("releases.parquet") == [f"<results>/limits/l/{block}/releases.parquet" for block in blocks]
    assert plan.examined("leak") == [["original", "pixels", "cosine"], ["original", "cnn", "cosine"]]
    examined = plan.examined_settings("leak")
    assert examined["similarities"].keys() == {"cosine"} and examined["encoders"].keys() == {"pixels", "cnn"}
    assert plan.examined_dataset("leak").keys() == {"real", "groups", "patients", "shares", "samples"}
    assert workflow().trials("trials.parquet") == []


def test_what_is_memorised_is_of_every_number_of_patients_generator_and_seed(workflow):
    asked = {"patients": {"leak": [4, 8]}, "generators": {"copies": MEMORISING}, "seeds": 2}
    plan = workflow(memorisation=asked, runs=EXAMINED)
    names = [f"leak/copies/{patients}/{number}" for patients in (4, 8) for number in (0, 1)]
    assert plan.memorisation_trials("trials.parquet") == [
        f"<results>/memorisation/{name}/trials.parquet" for name in names
    ]
    assert plan.memorisation_trials("samples.png", []) == []
    assert workflow().memorisation_trials("trials.parquet") == []
