from types import SimpleNamespace

import pytest

from genprint.plan import needs
from genprint.plan.sources import declared

SMALL = needs.Size(real=300, generated=300, pixels=64**2, resized=64**2)
CNN, RESNET50 = (
    {"weights": facts["weights"], "activations": batch * facts["activations"]}
    for facts, batch in (
        (declared("genprint.encoders.cnn")["MEMORY"], 32),
        (declared("genprint.encoders.resnet50")["MEMORY"], 16),
    )
)


@pytest.mark.parametrize("stage", needs.LIBRARIES_MB)
@pytest.mark.parametrize("more", [{"real": 5000}, {"generated": 50_000}, {"pixels": 512**2}, {"runs": 1000}])
def test_more_data_never_needs_less(stage, more):
    larger = SMALL._replace(**more)
    assert needs.megabytes(stage, larger) >= needs.megabytes(stage, SMALL)
    assert needs.minutes(stage, larger) >= needs.minutes(stage, SMALL)


def test_a_resource_grows_with_the_input_and_doubles_with_every_attempt():
    memory = needs.growing(600, per_mb=2)
    asked = [memory({}, SimpleNamespace(size_mb=size), attempt) for size, attempt in ((0, 1), (10.2, 1), (10.2, 2))]
    assert asked == [600, 621, 1242]


# Largest resident memory in MB of single jobs, from benchmark files: 300 real and 300 generated images of 64 x 64, and
# SSIM of 256 x 256 images in blocks of 1,024.
@pytest.mark.parametrize(
    ("stage", "size", "measured"),
    [
        ("train", SMALL._replace(**CNN), 383),
        ("train", SMALL._replace(**RESNET50), 1237),
        ("train", needs.Size(real=16, generated=16, pixels=256**2, resized=256**2, **CNN), 1139),
        ("train", needs.Size(real=16, generated=16, pixels=256**2, resized=256**2, **RESNET50), 6023),
        ("train", needs.Size(real=200, generated=5000, pixels=256**2, resized=256**2, **CNN), 2105),
        ("train", needs.Size(real=200, generated=5000, pixels=256**2, resized=128**2, **RESNET50), 3877),
        ("similarity", SMALL, 228),
        ("similarity", needs.Size(real=500, generated=2000, pixels=256**2), 492),
        ("copies", SMALL._replace(top=2), 313),
        ("spikes", SMALL._replace(top=2, spikes=4), 348),
        ("judgement", SMALL._replace(top=2, spikes=4), 285),
        ("evaluation", SMALL, 109),
        ("trials", needs.Size(real=75, generated=8 * 75, pixels=64**2, runs=25), 652),
    ],
)
def test_what_was_measured_fits_beside_snakemake(stage, size, measured):
    assert measured + needs.SNAKEMAKE_MB <= needs.megabytes(stage, size) < 4 * measured + needs.SNAKEMAKE_MB


# Seconds of single jobs: five splits of 75 real CT slices, with five similarities of pixels, and with one of a CNN.
@pytest.mark.parametrize(("runs", "trainings", "measured"), [(25, 0, 179), (5, 5, 222)])
def test_a_job_of_trials_asks_for_more_time_than_was_measured(runs, trainings, measured):
    training = {"trainings": 8 * trainings, "shown": 900, "resized": 64**2}
    size = needs.Size(real=75, generated=8 * 75, pixels=64**2, runs=runs, **training)
    asked = 60 * needs.minutes("trials", size)
    assert 2 * measured < asked < 3 * 3600


def test_a_resnet_asks_for_more_time_than_was_measured_however_long_it_is_trained():
    size = needs.Size(real=300, generated=500, pixels=64**2, shown=1776, resized=64**2, **RESNET50)
    assert 2 * 161 < 60 * needs.minutes("train", size) < 3600
    assert (
        needs.minutes("train", size._replace(shown=17760)) > 5 * needs.minutes("train", size) - 5 * needs.START_MINUTES
    )


def test_a_short_shortlist_asks_for_less_time_than_all_pairs():
    size = needs.Size(real=100_000, generated=1_000_000, pixels=256**2, block=8192)
    assert needs.minutes("shortlist", size._replace(top=50)) < needs.minutes("similarity", size) / 5
    assert needs.minutes("shortlist", size._replace(top=8192)) > needs.minutes("similarity", size)


def test_a_block_bounds_what_a_similarity_job_needs():
    block = needs.Size(real=4096, generated=4096, pixels=64**2, block=4096)
    million = block._replace(real=100_000, generated=1_000_000)
    assert needs.megabytes("similarity", million) == needs.megabytes("similarity", block)


def test_keeping_the_nearest_bounds_what_scoring_needs():
    million = needs.Size(real=100_000, generated=1_000_000, pixels=64**2, top=50)
    assert needs.megabytes("evaluation", million) < 3_000
    assert needs.megabytes("evaluation", million._replace(top=None)) > 1_000_000


def test_a_job_asks_for_what_its_data_set_method_and_shortlist_need(workflow):
    plan = workflow()
    jobs = needs.Needs(plan)
    common = {"dataset": "leak", "variant": "blur"}
    training = jobs.size(SimpleNamespace(**common, encoder="cnn"), threads=2)
    facts = declared("genprint.encoders.cnn")["MEMORY"]
    assert training.activations == 8 * facts["activations"] and training.weights == facts["weights"]
    assert (training.real, training.generated, training.threads) == (10, 20, 2)
    listed = jobs.size(SimpleNamespace(**common, encoder="pixels", similarity="listed"), threads=1)
    assert (listed.top, listed.weights, listed.block) == (3, 0, 8)
    first, second = (jobs.memory("train")(SimpleNamespace(**common, encoder="cnn"), 1, attempt) for attempt in (1, 2))
    assert second == 2 * first >= 2 * needs.SNAKEMAKE_MB
    assert jobs.minutes("train")(SimpleNamespace(**common, encoder="cnn"), 1, 1) >= needs.START_MINUTES


def test_a_job_of_trials_has_all_levels_all_methods_and_the_largest_network(workflow):
    ladders = {"l": {"generator": {"method": "copy"}, "vary": "share", "levels": [0.1, 0.5]}}
    runs = [{"variants": ["original"], "encoders": ["pixels", "cnn"], "similarities": ["cosine"], "datasets": ["leak"]}]
    jobs = needs.Needs(workflow(limits={"dataset": "leak", "ladders": ladders}, runs=runs))
    size = jobs.size(SimpleNamespace(ladder="l", splits="3-7"), threads=1)
    assert (size.generated, size.runs, size.trainings) == (3 * 20, 5 * 2, 3 * 5)
    assert size.weights == declared("genprint.encoders.cnn")["MEMORY"]["weights"]
    asked = {"patients": {"leak": [4]}, "generators": ladders, "seeds": 2}
    jobs = needs.Needs(workflow(memorisation=asked, runs=runs))
    size = jobs.size(SimpleNamespace(dataset="leak", generator="l", patients="4", number="1"), threads=1)
    assert (size.generated, size.runs, size.trainings, size.steps, size.releases) == (2 * 20, 2, 2, 0, 2)


def test_trials_have_time_for_the_steps_of_their_generators_and_for_the_search(workflow):
    entry = {"generator": {"method": "diffusion"}, "vary": "steps", "levels": [1000, 3000]}
    runs = [{"variants": ["original"], "encoders": ["pixels"], "similarities": ["cosine"], "datasets": ["leak"]}]
    plan = workflow(memorisation={"patients": {"leak": [4]}, "generators": {"g": entry}}, runs=runs)
    wildcards = SimpleNamespace(dataset="leak", generator="g", patients="4", number="1")
    jobs = needs.Needs(plan)
    assert jobs.size(wildcards, threads=1).steps == 4000
    # Three times 4,000 steps of 0.13 s are 26 minutes.
    assert 26 + needs.START_MINUTES <= jobs.minutes("trials")(wildcards, 1, 1) <= 40
    ladders = {"l": entry}
    jobs = needs.Needs(workflow(limits={"dataset": "leak", "ladders": ladders, "copies": False}, runs=runs))
    size = jobs.size(SimpleNamespace(ladder="l", splits="0-1"), threads=1)
    assert (size.steps, size.releases) == (2 * 7000, 0)


def test_a_job_that_cannot_fit_is_refused_with_what_to_write():
    needs.check_memory({"similarity": 10_000, "train": 80_000}, machine=8_000)
    with pytest.raises(ValueError) as caught:
        needs.check_memory({"similarity": 80_001, "train": 1_200_000, "report": 10}, machine=8_000)
    told = str(caught.value)
    assert told.startswith("This machine has 8 GB of memory, and a job of similarity needs 80 GB; a job of train needs")
    assert "1,200 GB: write a smaller `pairs.block` or `images.size`" in told
    assert "report" not in told
