"""An option is described once, in PARAMETERS: functions take it by keyword and have no default of their own."""

import importlib
import inspect

import jsonschema
import pytest

from genprint.encoders._fixed import encode_fixed
from genprint.encoders._training import fit
from genprint.images import phantom
from genprint.plan.sources import declared, options_of, registered
from genprint.scoring import scores, thresholds

GIVEN = {
    "genprint.similarity": ("similarity", {"threads", "device"}),
    "genprint.variants": ("apply", {"random", "side"}),
    "genprint.generators": ("generate", {"seed", "held_out"}),
    "genprint.encoders": ("train", {"seed", "device"}),
}
"""The function of every file of a package, and what its caller gives it beside the options."""
METHODS = [(package, module) for package in GIVEN for module in registered(package).values()]


def keywords(function, handed_to=fit):
    """Keyword arguments of a function; ``**training`` is what an encoder hands on to `fit`."""
    taken = {}
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.kind is parameter.VAR_KEYWORD:
            taken |= {inner: default for inner, default in keywords(handed_to).items() if inner != "device"}
        elif parameter.kind is parameter.KEYWORD_ONLY:
            taken[name] = parameter.default
    return taken


def assert_described_once(taken, parameters, given=frozenset()):
    assert taken.keys() - given == parameters.keys()
    assert set(taken.values()) <= {inspect.Parameter.empty}
    for schema in parameters.values():
        assert schema["description"]
        jsonschema.validate(schema["default"], schema)


@pytest.mark.parametrize(("package", "module"), METHODS, ids=[module for _, module in METHODS])
def test_options_of_methods(package, module):
    verb, given = GIVEN[package]
    method, parameters = importlib.import_module(module), declared(module)["PARAMETERS"]
    assert parameters == method.PARAMETERS  # what the workflow reads is what runs
    if getattr(method, "TRAINED", True):
        taken = keywords(getattr(method, verb))
    else:  # an encoder that only encodes
        taken, given = keywords(method.encode, encode_fixed), {"device", *getattr(method, "AS_TRAINED", ())}
    if "resize" in parameters:  # which `genprint.encoders` does for every encoder
        taken["resize"] = inspect.Parameter.empty
    assert_described_once(taken, parameters, given)


@pytest.mark.parametrize(
    ("rules", "module"), [(scores.SCORE_RULES, scores), (thresholds.THRESHOLD_RULES, thresholds)], ids=["score", "cut"]
)
def test_options_of_rules(rules, module):
    taken = {}
    for rule in rules.values():
        taken |= keywords(rule)
    assert_described_once(taken, module.PARAMETERS)


def test_options_of_the_phantom():
    assert_described_once(keywords(phantom._simulate), phantom.PARAMETERS, {"center", "width", "seed"})


def test_what_is_not_given_has_its_default_and_what_is_not_taken_is_left_out():
    parameters = {"a": {"default": 1}, "b": {"default": 2}, "c": {"default": 3}}
    assert options_of(lambda evidence, *, a, b: None, parameters, {"b": 5, "c": 6}) == {"a": 1, "b": 5}
