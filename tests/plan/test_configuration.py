# ruff: noqa: E501  (a table of mistakes and answers)
import copy
import math
from pathlib import Path

import numpy as np
import pytest
import yaml

from genprint.encoders import train
from genprint.generators import generate
from genprint.images.splits import split_patients
from genprint.plan import runs
from genprint.plan.configuration import METHOD_SECTIONS, OPTION_SECTIONS, ConfigurationError, complete
from genprint.plan.sources import declared, registered
from genprint.variants import variant

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = yaml.safe_load((ROOT / "config/schemas/config.schema.yaml").read_text())
SMALL = {
    "benchmark": "small",
    "datasets": {"a": {"source": "controlled", "real": "phantom", "generator": {"method": "parzen"}}},
    "variants": {"original": {"method": "original"}},
    "encoders": {"pixels": {"method": "pixels"}},
    "similarities": {"ssim": {"method": "ssim"}},
}


def changed(*path, to):
    config = copy.deepcopy(SMALL)
    *parents, last = path
    place = config
    for key in parents:
        place = place.setdefault(key, {})
    place[last] = to
    return config


def listed(pairs=None, **changes):
    shortlist = {"encoder": "pixels", "similarity": "ssim", "nearest": 5} | changes
    config = changed("similarities", "listed", to={"method": "ssim", "shortlist": shortlist})
    return config | {"pairs": pairs or {}}


LADDERS = {"l": {"generator": {"method": "copy"}, "vary": "share", "levels": [0.1, 0.5]}}


def limits(**changes):
    return changed("limits", to={"dataset": "a", "ladders": {"l": LADDERS["l"] | changes}})


def mistakes(config):
    with pytest.raises(ConfigurationError) as caught:
        complete(config, SCHEMA)
    return str(caught.value).splitlines()


def test_defaults_are_filled_in_everywhere():
    settings = complete(SMALL, SCHEMA)
    assert settings["seed"] == 2025
    assert settings["pairs"]["block"] > 0
    assert settings["similarities"]["ssim"]["window"] == "uniform"
    assert settings["datasets"]["a"]["generator"].keys() > {"method"}
    assert settings["phantom"].keys() == declared("genprint.images.phantom")["PARAMETERS"].keys()
    assert settings["runs"][0]["datasets"] == "all"


def test_the_given_configuration_is_left_alone():
    config = copy.deepcopy(SMALL)
    complete(config, SCHEMA)
    assert config == SMALL


@pytest.mark.parametrize(
    ("config", "line"),
    [
        (changed("sede", to=1), "sede: unknown key; write one of: benchmark, seed"),
        (changed("seed", to="x"), "seed: 'x' is not of type 'integer'; write a whole number"),
        (changed("similarities", "ssim", "windw", to=1), "similarities.ssim.windw: unknown key; write one of: method, "),
        (changed("similarities", "ssim", "window", to="round"), "similarities.ssim.window: 'round' is not known; write one of: uniform, gaussian"),
        (changed("similarities", "ssim", "method", to="sim"), "similarities.ssim.method: 'sim' is not known; write one of: cosine, euclidean"),
        (changed("similarities", "ssim", to={}), "similarities.ssim.method: missing; write one of: cosine"),
        (changed("datasets", "a", "generator", "h", to=7), "datasets.a.generator.h: 7 is greater"),
        (changed("datasets", "a", "generator", "method", to="gun"), "datasets.a.generator.method: 'gun' is not known; write one of: copy"),
        (changed("datasets", "a", "imges", to=1), "datasets.a.imges: unknown key; write one of: source, real"),
        (changed("datasets", "a", "source", to="cloud"), "datasets.a.source: 'cloud' is not known; write one of: folder, controlled"),
        (changed("datasets", "A b", to=SMALL["datasets"]["a"]), "'A b' is not a valid name; use lower-case letters"),
        (changed("datasets", "a", "calibrated_by", to="b"), "datasets.a.calibrated_by: 'b' is no other data set"),
        (changed("datasets", "a", "shares", to={"used": 0.9}), "datasets.a.shares: add up to"),
        (changed("datasets", "a", "patients", to=[9, 8]), "datasets.a.patients: from 9 to 8 there are none; write the smaller number first"),
        (changed("datasets", "a", "patients", to=[1, 10_000]), "datasets.a.patients: ends with 10000, but phantom.patients is "),
        (changed("runs", to=[{"similarities": ["cosine"]}]), "runs[0].similarities: 'cosine' is not defined; write one of: ssim"),
        (changed("tables", "reported", to=[2023]), "tables.reported[0]: 2023 is not known; write one of: 2024, 2025"),
        (changed("tables", "score_rule", to="maximum"), "tables.score_rule: 'maximum' is not known; write one of: max, mean, "),
        (changed("tables", "threshold_rule", to="f1"), "tables.threshold_rule: 'f1' is not known; write one of: best-f1, "),
        (changed("tables", "variant", to="best"), "tables.variant: 'best' is not defined; write one of: original"),
        (changed("submissions", "preset", to="imageclef2022"), "submissions.preset: 'imageclef2022' is not known; write one of: imageclef2023, "),
        (changed("submissions", "separator", to=","), "submissions.separator: ',' is not known; write one of: comma, semicolon, tab, null"),
        (changed("submissions", "runs", to=[{"score_rules": ["best"]}]), "submissions.runs[0].score_rules[0]: 'best' is not known; write one of: max, "),
        (changed("submissions", "runs", to=[{"encoders": ["cnn"]}]), "submissions.runs[0].encoders: 'cnn' is not defined; write one of: pixels"),
        (changed("images", "size", to=3), "images.size: 3 is less than the minimum of 16; write side in pixels"),
        (changed("datasets", to={}), "datasets: "),
        (limits(vary="shar"), "limits.ladders.l.vary: 'shar' is not known; write one of: share, of"),
        (limits(levels=[0.1, 2]), "limits.ladders.l.levels[1]: 2 is greater than the maximum of 1"),
        (limits(levels=[0.1, 0.5, 0.2]), "limits.ladders.l.levels: [0.1, 0.5, 0.2] neither rise nor fall"),
        (limits(levels=[0, 0.5]), "limits.ladders.l.levels: 0 has no logarithm; leave it out"),
        (limits(generator={"method": "copi"}), "limits.ladders.l.generator.method: 'copi' is not known"),
        (changed("limits", to={"dataset": "b", "ladders": LADDERS}), "limits.dataset: 'b' is no controlled data set; write one of: a"),
        (listed(similarity="listed"), "similarities.listed.shortlist.similarity: 'listed' is no similarity of all pairs; write one of: ssim"),
        (listed(encoder="cnn"), "similarities.listed.shortlist.encoder: 'cnn' is not defined; write one of: pixels"),
        (listed(nearest=0), "similarities.listed.shortlist.nearest: 0 is less than the minimum of 1"),
        (listed(pairs={"top": 4}), "similarities.listed.shortlist.nearest: is 5, but pairs.top keeps 4; write at most 4"),
        (listed() | {"runs": [{"generated_generated": True}]}, "runs[0].generated_generated: statistics are of all pairs, but listed compares"),
        (listed() | {"limits": {"dataset": "a", "ladders": LADDERS}}, "limits.dataset: runs on 'a' use listed, but trials are of all pairs"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_line_that_says_what_to_write(config, line):
    lines = mistakes(config)
    assert len(lines) == 1, lines
    assert line in lines[0]


def test_all_mistakes_are_named_at_once():
    config = changed("sede", to=1)
    config["variants"]["original"]["x"] = 1
    del config["benchmark"]
    assert len(mistakes(config)) == 3


def test_a_folder_without_labels_needs_a_calibrator():
    roles = {"unknown": ["u/*.png"], "generated": ["g/*.png"]}
    config = changed("datasets", "test", to={"source": "folder", "roles": roles})
    assert mistakes(config) == [
        "datasets.test: has no used and not_used images to choose thresholds on; "
        "add both roles, or name a labelled data set in calibrated_by"
    ]
    config["datasets"]["test"]["calibrated_by"] = "a"
    complete(config, SCHEMA)


@pytest.mark.parametrize("file", sorted((ROOT / "config").glob("*.yaml")), ids=lambda file: file.stem)
def test_committed_configurations_are_complete_and_plan_runs(file):
    config = yaml.safe_load(file.read_text())
    if "datasets" not in config:  # then it is put on the defaults
        config = yaml.safe_load((ROOT / "config/config.yaml").read_text()) | config
    assert runs.plan(complete(config, SCHEMA)).runs


def test_an_encoder_of_a_file_needs_one():
    (line,) = mistakes(SMALL | {"encoders": {"net": {"method": "torchscript"}, "pixels": {"method": "pixels"}}})
    assert line == "encoders.net.pretrained: torchscript needs the file of a network; write its path"


def test_sets_are_identified_by_an_encoder_that_did_not_learn_them():
    sets = {name: {"real": [f"{name}/*.png"]} for name in ("a", "b")}
    config = changed("identify", to={"sets": sets, "encoder": "cnn"}) | {"encoders": {"cnn": {"method": "cnn"}}}
    config["encoders"]["pixels"] = {"method": "pixels"}
    assert mistakes(config) == ["identify.encoder: 'cnn' is no encoder that is used as it is; write one of: pixels"]
    config["identify"]["encoder"] = "pixels"
    assert complete(config, SCHEMA)["identify"]["groups"] is None


def test_limits_need_other_patients_and_runs():
    config = changed("limits", to={"dataset": "a", "ladders": LADDERS})
    complete(config, SCHEMA)
    config["datasets"]["a"]["shares"] = {"other": 0}
    config["datasets"]["b"] = SMALL["datasets"]["a"]
    config["runs"] = [{"datasets": ["b"]}]
    assert [line.partition(":")[0] for line in mistakes(config)] == ["datasets.a.shares.other", "limits.dataset"]


def memorisation(**changes):
    entry = {"generator": {"method": "parzen"}, "vary": "h", "levels": [0.5]} | changes
    return changed("memorisation", to={"patients": {"a": [4]}, "generators": {"g": entry}})


@pytest.mark.parametrize(
    ("config", "line"),
    [
        (
            memorisation(vary="share"),
            "memorisation.generators.g.vary: 'share' is not known; write one of: h, components",
        ),
        (memorisation(levels=[2]), "memorisation.generators.g.levels[0]: 2 is greater than the maximum of 1"),
        (memorisation(levels=[]), "memorisation.generators.g.levels: [] should be non-empty"),
    ],
)
def test_generators_that_may_memorise_are_checked_like_ladders(config, line):
    complete(memorisation(), SCHEMA)
    assert [told[: len(line)] for told in mistakes(config)] == [line]


def test_memorisation_names_controlled_data_sets_with_runs():
    config = memorisation() | {"runs": [{"datasets": ["b"]}]}
    config["datasets"]["b"] = SMALL["datasets"]["a"]
    config["memorisation"]["patients"]["c"] = [4]
    assert [line.partition(":")[0] for line in mistakes(config)] == [
        "memorisation.patients.a",
        "memorisation.patients.c",
    ]


def test_the_sweep_has_every_method():
    settings = complete(yaml.safe_load((ROOT / "config/sweep.yaml").read_text()), SCHEMA)
    for section, package in (
        ("variants", "variants"),
        ("encoders", "encoders"),
        ("similarities", "similarity"),
    ):
        methods = {entry["method"] for entry in settings[section].values()}
        of_files = {"torchscript"}  # which the sweep cannot bring along
        assert methods == set(registered(f"genprint.{package}")) - of_files
    generators = {dataset["generator"]["method"] for dataset in settings["datasets"].values()}
    assert generators == set(registered("genprint.generators"))


@pytest.mark.parametrize(
    ("place", "value", "words"),
    [
        (("images", "size"), 64.0, "images.size: 64.0 is not a whole number; write 64"),
        (("pairs", "block"), 1024.0, "pairs.block: 1024.0 is not a whole number; write 1024"),
        (("seed",), 1.0, "seed: 1.0 is not a whole number; write 1"),
        (("pairs", "threads"), True, "pairs.threads: True is not of type 'integer'"),
        (("images", "window_width"), math.inf, "images.window_width: inf is not a number that can be computed with"),
        (
            ("images", "window_width"),
            10**400,
            "images.window_width: a number of 401 digits is not a number that can be computed with",
        ),
        (("images", "window_center"), math.nan, "images.window_center: nan is not a number that can be computed with"),
        (("variants", "noisy"), {"method": "gaussian-noise", "sigma": math.nan}, "variants.noisy.sigma: nan is not"),
        (
            ("variants", "wide"),
            {"method": "bilateral", "diameter": 10**6},
            "variants.wide.diameter: 1000000 is greater",
        ),
        (("pairs", "threads"), 10**6, "pairs.threads: 1000000 is greater than the maximum of 1024"),
    ],
)
def test_numbers_that_cannot_be_computed_with_are_refused_in_one_line(place, value, words):
    config = copy.deepcopy(SMALL)
    entry = config
    for key in place[:-1]:
        entry = entry.setdefault(key, {})
    entry[place[-1]] = value
    with pytest.raises(ConfigurationError) as error:
        complete(config, SCHEMA)
    assert str(error.value).startswith(words) and "\n" not in str(error.value)


@pytest.mark.parametrize(("key", "written"), [(1, "1"), (None, "null"), (True, "true"), (1e5, "100000.0"), (7, "7")])
def test_a_name_that_yaml_takes_for_something_else_is_to_be_quoted(key, written):
    config = copy.deepcopy(SMALL)
    config["datasets"][key] = config["datasets"]["a"]
    with pytest.raises(ConfigurationError, match=rf'datasets\.{written}: YAML takes this name .* write "{written}" in'):
        complete(config, SCHEMA)


@pytest.mark.parametrize("name", ["nan", "null", "true", "inf", "1", "007", "1e5", "none", "na"])
def test_a_text_that_looks_like_something_else_is_a_name(name):
    config = copy.deepcopy(SMALL)
    config["datasets"][name] = config["datasets"].pop("a")
    assert name in complete(config, SCHEMA)["datasets"]


def bounded(schema, place=""):
    """Places of all numbers in a schema, with whether they have a bound above."""
    kinds = schema.get("type", [])
    if "integer" in ([kinds] if isinstance(kinds, str) else kinds):
        yield place, "maximum" in schema or "enum" in schema
    for key, inner in schema.items():
        if isinstance(inner, dict):
            yield from bounded(inner, f"{place}.{key}")


def test_every_count_has_a_largest_value():
    modules = [module for package in METHOD_SECTIONS.values() for module in registered(package).values()]
    modules += [*registered("genprint.generators").values(), *OPTION_SECTIONS.values()]
    options = {module: declared(module).get("PARAMETERS", {}) for module in modules}
    unbounded = [place for place, bound in bounded({"": SCHEMA} | options) if not bound]
    assert unbounded == ["..properties.seed"]


@pytest.mark.parametrize("seed", [2**31, 2**63, 2**64, 10**30])
def test_a_seed_of_any_size_works(seed):
    images = np.random.default_rng(0).integers(0, 256, (6, 32, 32)).astype(np.uint8)
    labels = ["used", "not_used", "generated"] * 2
    train("cnn", images, labels, seed=seed, steps=6, device="cpu")
    for name, more in (("parzen", {}), ("copy", {"held_out": images[:2]})):
        generate(name, images[2:], 3, seed=seed, **more)
    split_patients([f"p{place}" for place in range(6)], {"used": 0.5, "not_used": 0.5}, seed)
    assert (
        variant(
            "gaussian-noise", images, [str(place) for place in range(6)], seed=seed, side="real", slug="noise"
        ).shape
        == images.shape
    )


@pytest.mark.parametrize("extension", ["png", ".png,1", ".png;", ".p\tng", ".png\n", "/../x", "=1", "<b>", ". png"])
def test_an_extension_that_a_run_file_cannot_hold_is_refused(extension):
    assert mistakes(changed("submissions", "extension", to=extension)) == [
        f"submissions.extension: {extension!r} cannot be used; write what follows an id, dots with letters and digits, e.g. .png, or null for what the preset says"
    ]


@pytest.mark.parametrize("extension", ["", ".png", ".nii.gz", None])
def test_extensions_of_files_are_extensions(extension):
    assert complete(changed("submissions", "extension", to=extension), SCHEMA)["submissions"]["extension"] == extension


@pytest.mark.parametrize("name", ["", "a,b", "a;b", "a\tb", "label\n", "=HYPERLINK(1)", "+1", "-1", "@a", "<b>", '"a"'])
def test_a_column_of_a_run_file_that_is_no_name_is_refused(name):
    (line,) = mistakes(changed("submissions", "columns", to=["image", name]))
    assert line.startswith(f"submissions.columns[1]: {name!r} cannot be used; write a letter and then letters")


def test_a_line_feed_after_a_name_is_no_part_of_it():
    (line,) = mistakes(changed("benchmark", to="small\n"))
    assert "is not a valid name" in line
