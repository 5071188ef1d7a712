from pathlib import Path
from types import SimpleNamespace

import pytest

from genprint.plan.sources import code_version, registered
from genprint.plan.versions import Versions

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
SIMILARITIES = registered("genprint.similarity")


@pytest.fixture
def versions(workflow):
    """The versions of the code behind the workflow of these tests."""
    return Versions(workflow(), SCRIPTS)


def test_a_job_has_the_version_of_its_script_and_of_its_own_method(versions):
    script = SCRIPTS / "similarity.py"
    code = versions.code("similarity.py", "similarities")
    assert code(SimpleNamespace(similarity="cosine")) == code_version(script, SIMILARITIES["cosine"])
    assert code(SimpleNamespace(similarity="listed")) == code_version(script, SIMILARITIES["ssim"])
    assert versions.code("similarity.py")(SimpleNamespace()) == code_version(script)


def test_a_controlled_data_set_has_the_version_of_its_generator(versions):
    code = versions.code("controlled_images.py", "datasets")(SimpleNamespace(dataset="leak"))
    assert code == code_version(SCRIPTS / "controlled_images.py", "genprint.generators.parzen")


def test_a_ladder_has_the_version_of_its_generator_and_of_all_methods_it_examines(workflow):
    ladders = {"l": {"generator": {"method": "copy"}, "vary": "share", "levels": [0.1, 0.5]}}
    runs = [{"variants": ["original"], "encoders": ["cnn"], "similarities": ["cosine"], "datasets": ["leak"]}]
    versions = Versions(workflow(limits={"dataset": "leak", "ladders": ladders}, runs=runs), SCRIPTS)
    methods = ("generators.copy", "variants.original", "encoders.cnn", "similarity.cosine")
    expected = code_version(SCRIPTS / "limit_trials.py", *(f"genprint.{method}" for method in methods))
    assert versions.ladder(SimpleNamespace(ladder="l")) == expected


def test_a_generator_that_may_memorise_likewise(workflow):
    generators = {"g": {"generator": {"method": "parzen"}, "vary": "h", "levels": [0.1]}}
    runs = [{"variants": ["original"], "encoders": ["pixels"], "similarities": ["ssim3"], "datasets": ["leak"]}]
    asked = {"patients": {"leak": [4]}, "generators": generators}
    versions = Versions(workflow(memorisation=asked, runs=runs), SCRIPTS)
    methods = ("generators.parzen", "variants.original", "encoders.pixels", "similarity.ssim3")
    expected = code_version(SCRIPTS / "memorisation_trials.py", *(f"genprint.{method}" for method in methods))
    assert versions.memorisation(SimpleNamespace(dataset="leak", generator="g")) == expected


def test_the_version_of_everything_has_every_script_and_method(versions):
    methods = ("variants.original", "variants.salt_pepper", "variants.gaussian", "encoders.pixels", "encoders.cnn")
    methods += ("similarity.cosine", "similarity.ssim3", "similarity.ssim", "generators.parzen")
    expected = code_version(*SCRIPTS.glob("*.py"), *(f"genprint.{method}" for method in methods))
    assert versions.everything(SimpleNamespace()) == expected
