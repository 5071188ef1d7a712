import pytest

from genprint.plan import needs
from genprint.plan.sources import declared

SMALL = needs.Size(real=300, generated=300, pixels=64**2)
CNN, RESNET50 = (
    {"weights": facts["weights"], "activations": batch * facts["activations"]}
    for facts, batch in (
        (declared("genprint.encoders.cnn")["MEMORY"], 32),
        (declared("genprint.encoders.resnet50")["MEMORY"], 16),
    )
)
STAGES = (
    "images",
    "variants",
    "train",
    "encode",
    "similarity",
    "evaluation",
    "statistics",
    "collection",
    "trials",
    "shortlist",
)


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("more", [{"real": 5000}, {"generated": 50_000}, {"pixels": 512**2}, {"runs": 1000}])
def test_more_data_never_needs_less(stage, more):
    larger = SMALL._replace(**more)
    assert needs.megabytes(stage, larger) >= needs.megabytes(stage, SMALL)
    assert needs.minutes(stage, larger) >= needs.minutes(stage, SMALL)


# Largest resident memory in MB of single jobs, from benchmark files: 300 real and 300 generated images of 64 x 64, and
# SSIM of 256 x 256 images in blocks of 1,024.
@pytest.mark.parametrize(
    ("stage", "size", "measured"),
    [
        ("images", SMALL, 246),
        ("variants", SMALL, 109),
        ("train", SMALL._replace(**CNN), 383),
        ("train", SMALL._replace(**RESNET50), 1237),
        ("train", needs.Size(real=16, generated=16, pixels=256**2, **CNN), 1139),
        ("train", needs.Size(real=16, generated=16, pixels=256**2, **RESNET50), 6023),
        ("encode", SMALL, 285),
        ("similarity", SMALL, 228),
        ("similarity", needs.Size(real=500, generated=2000, pixels=256**2), 492),
        ("evaluation", SMALL, 109),
        ("collection", SMALL, 208),
        ("trials", needs.Size(real=75, generated=8 * 75, pixels=64**2, runs=25), 652),
    ],
)
def test_what_was_measured_fits_beside_snakemake(stage, size, measured):
    assert measured + needs.SNAKEMAKE_MB <= needs.megabytes(stage, size) < 4 * measured + needs.SNAKEMAKE_MB


# Seconds of single jobs: five splits of 75 real CT slices, with five similarities of pixels, and with one of a CNN.
@pytest.mark.parametrize(("runs", "trainings", "measured"), [(25, 0, 179), (5, 5, 222)])
def test_a_job_of_trials_asks_for_more_time_than_was_measured(runs, trainings, measured):
    size = needs.Size(real=75, generated=8 * 75, pixels=64**2, runs=runs, trainings=trainings)
    asked = 60 * needs.minutes("trials", size)
    assert 2 * measured < asked < 3 * 3600


def test_a_resnet_asks_for_more_time_than_was_measured_however_long_it_is_trained():
    size = needs.Size(real=300, generated=500, pixels=64**2, epochs=2, **RESNET50)
    assert 2 * 161 < 60 * needs.minutes("train", size) < 3600
    assert needs.minutes("train", size._replace(epochs=20)) > 5 * needs.minutes("train", size) - 5 * needs.START_MINUTES


def test_a_short_shortlist_asks_for_less_time_than_all_pairs():
    size = needs.Size(real=100_000, generated=1_000_000, pixels=256**2, block=8192)
    assert needs.minutes("shortlist", size._replace(nearest=50)) < needs.minutes("similarity", size) / 5
    assert needs.minutes("shortlist", size._replace(nearest=8192)) > needs.minutes("similarity", size)


def test_a_block_bounds_what_a_similarity_job_needs():
    block = needs.Size(real=4096, generated=4096, pixels=64**2, block=4096)
    million = block._replace(real=100_000, generated=1_000_000)
    assert needs.megabytes("similarity", million) == needs.megabytes("similarity", block)


def test_keeping_the_nearest_bounds_what_scoring_needs():
    million = needs.Size(real=100_000, generated=1_000_000, pixels=64**2, top=50)
    assert needs.megabytes("evaluation", million) < 3_000
    assert needs.megabytes("evaluation", million._replace(top=None)) > 1_000_000
