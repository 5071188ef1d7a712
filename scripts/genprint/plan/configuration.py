"""The configuration: every default filled in, every mistake named in one line that says what to write.

The schema of the fixed part is ``config/schemas/config.schema.yaml``; the options of a method come from the
``PARAMETERS`` of its own file, so a new method needs no change here.
"""

import copy
import math
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

import jsonschema

from genprint.plan.runs import impossible, plan
from genprint.plan.sources import declared, keys, registered

METHOD_SECTIONS = {
    "variants": "genprint.variants",
    "encoders": "genprint.encoders",
    "similarities": "genprint.similarity",
}
OPTION_SECTIONS = {
    "phantom": "genprint.images.phantom",
    "scores": "genprint.scoring.scores",
    "thresholds": "genprint.scoring.thresholds",
}
CHOICES = {
    "score-rule": ("genprint.scoring.scores", "SCORE_RULES"),
    "threshold-rule": ("genprint.scoring.thresholds", "THRESHOLD_RULES"),
    "preset": ("genprint.tables.submissions", "PRESETS"),
}


RESERVED = (
    "phantom",
    "tables",
    "figures",
    "submissions",
    "limits",
    "memorisation",
)  # folders beside those of the data sets


BEST_ON_CALIBRATION = "best-on-calibration"
HIDDEN = "(hidden: report.pseudonyms)"
_FILES = ("roles", "real", "labels", "groups", "pretrained")


class ConfigurationError(ValueError):
    """Everything that is wrong with a configuration, one line each."""


def complete(config: dict, schema: dict) -> dict:
    """Copy of ``config`` with all defaults of ``schema`` and of the methods filled in.

    Raises ConfigurationError that lists every unknown key, wrong value and dangling reference.
    """
    if lines := dict.fromkeys(_no_texts(config, [])):
        raise ConfigurationError("\n".join(lines))
    settings = copy.deepcopy(config)
    validator = _DefaultsValidator(_specialised(schema, settings))
    errors = sorted(
        validator.iter_errors(settings),
        key=lambda error: [str(part) for part in error.absolute_path],
    )
    # A value that breaks several rules (a type and a range, say) is one mistake to its author.
    lines = dict.fromkeys(line for error in errors for line in _explain(error))
    if not lines:
        lines = dict.fromkeys(_dangling(settings))
    if not lines and settings["identify"] is not None:
        lines = dict.fromkeys(_wrong_encoder(settings["identify"]["encoder"], settings["encoders"]))
    if not lines and settings["limits"] is not None:
        lines = dict.fromkeys(_wrong_limits(settings["limits"], settings))
    if not lines and settings["memorisation"] is not None:
        lines = dict.fromkeys(
            line
            for slug in settings["memorisation"]["patients"]
            for line in _not_examined(f"memorisation.patients.{slug}", slug, settings)
        )
    if lines:
        raise ConfigurationError("\n".join(lines))
    if settings["tables"]["variant"] is None:
        settings["tables"]["variant"] = _variant_of_tables(settings)
    return settings


def _variant_of_tables(settings: dict) -> str:
    """Return which variant the papers' tables show: where no half is left to choose on, the images as they are."""
    if settings["protocol"] == "halves":
        return BEST_ON_CALIBRATION
    original = [name for name, entry in settings["variants"].items() if entry["method"] == "original"]
    return (original or list(settings["variants"]))[0]


def _no_texts(value: object, place: list) -> Iterator[str]:
    """Keys that YAML takes for something else than text, such as those written 1, true, null or 1e5."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if isinstance(key, str):
                yield from _no_texts(inner, [*place, key])
            else:
                written = "null" if key is None else str(key).lower()
                at = _place([*place, written])
                yield f'{at}: YAML takes this name for something else; write "{written}" in quotes'
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            yield from _no_texts(inner, [*place, position])


def without_files(settings: dict) -> dict:
    """The configuration without what names files, folders or tables of images."""
    return {
        section: {name: _hidden(entry) for name, entry in content.items()}
        if section in ("datasets", "encoders")
        else content
        for section, content in settings.items()
    }


def _specialised(schema: dict, config: dict) -> dict:
    """The schema with a place for every entry the configuration names, shaped by the entry's own method."""
    schema = copy.deepcopy(schema)
    sections = schema["properties"]
    for name, (module, constant) in CHOICES.items():
        schema["$defs"][name]["enum"] = keys(module, constant)
    for section, module in OPTION_SECTIONS.items():
        sections[section]["properties"] = declared(module).get("PARAMETERS", {})
    for section, package in METHOD_SECTIONS.items():
        for slug, entry in _entries(config, section):
            shape = _method_schema(package, entry)
            if section == "similarities":
                shape["properties"]["shortlist"] = schema["$defs"]["shortlist"]
            sections[section].setdefault("properties", {})[slug] = shape
    for slug, dataset in _entries(config, "datasets"):
        source = dataset.get("source")
        shape = copy.deepcopy(schema["$defs"].get(f"{source}-source", schema["$defs"]["any-source"]))
        if "generator" in shape["properties"]:
            shape["properties"]["generator"] |= _method_schema("genprint.generators", dataset.get("generator"))
        sections["datasets"].setdefault("properties", {})[slug] = shape
    ladders = sections["limits"]["properties"]["ladders"]
    for slug, ladder in _entries(config.get("limits"), "ladders"):
        ladders.setdefault("properties", {})[slug] = _ladder_schema(schema["$defs"]["ladder"], ladder)
    generators = sections["memorisation"]["properties"]["generators"]
    for slug, entry in _entries(config.get("memorisation"), "generators"):
        generators.setdefault("properties", {})[slug] = _ladder_schema(schema["$defs"]["memorising"], entry)
    return schema


def _entries(config: object, section: str) -> Iterator[tuple[str, dict]]:
    entries = config.get(section) if isinstance(config, dict) else None
    if isinstance(entries, dict):
        yield from ((slug, entry) for slug, entry in entries.items() if isinstance(entry, dict))


def _method_schema(package: str, entry: object) -> dict:
    methods = registered(package)
    method = entry.get("method") if isinstance(entry, dict) else None
    known = isinstance(method, str) and method in methods
    options = declared(methods[str(method)])["PARAMETERS"] if known else {}
    return {
        "type": "object",
        "required": ["method"],
        "properties": {"method": {"enum": list(methods)}, **options},
        "additionalProperties": not known,
    }


def _ladder_schema(ladder_schema: dict, ladder: dict) -> dict:
    """The schema of a ladder whose option is one of its generator's, and whose levels are values of that option."""
    shape = copy.deepcopy(ladder_schema)
    options = shape["properties"]["generator"] | _method_schema("genprint.generators", ladder.get("generator"))
    shape["properties"]["generator"] = options
    varied = {name: option for name, option in options["properties"].items() if name != "method"}
    if varied:
        shape["properties"]["vary"]["enum"] = list(varied)
    shape["properties"]["levels"]["items"] |= varied.get(str(ladder.get("vary")), {})
    return shape


def _dangling(settings: dict) -> Iterator[str]:
    """References to entries that do not exist, and data sets that nothing can calibrate."""
    datasets = settings["datasets"]
    for slug, dataset in datasets.items():
        if slug in RESERVED:
            yield f"datasets.{slug}: the name is taken by a folder of the results; write any but {_listed(RESERVED)}"
        calibrator = dataset.get("calibrated_by")
        labelled = dataset["source"] == "controlled" or {"used", "not_used"} <= dataset["roles"].keys()
        if calibrator is None and not labelled:
            yield (
                f"datasets.{slug}: has no used and not_used images to choose thresholds on; "
                "add both roles, or name a labelled data set in calibrated_by"
            )
        if calibrator is not None and (calibrator == slug or calibrator not in datasets):
            others = [other for other in datasets if other != slug]
            yield f"datasets.{slug}.calibrated_by: {calibrator!r} is no other data set; write one of: {_listed(others)}"
        elif calibrator is not None and datasets[calibrator].get("calibrated_by") is not None:
            yield f"datasets.{slug}.calibrated_by: {calibrator!r} is itself calibrated elsewhere; name that data set"
        if dataset["source"] == "controlled":
            shares = dataset["shares"]
            if sum(shares.values()) > 1 + 1e-9:
                yield f"datasets.{slug}.shares: add up to {sum(shares.values()):g}; write shares of at most 1 in all"
            first, last = dataset["patients"] or (1, 1)
            if first > last:
                yield f"datasets.{slug}.patients: from {first} to {last} there are none; write the smaller number first"
            if dataset["real"] == "phantom" and last > settings["phantom"]["patients"]:
                yield (
                    f"datasets.{slug}.patients: ends with {last}, but phantom.patients is "
                    f"{settings['phantom']['patients']}; write a number of at most that, or a larger phantom"
                )
            if shares[dataset["trained_on"]] == 0:
                yield (
                    f"datasets.{slug}.trained_on: {dataset['trained_on']!r} has no patients; "
                    f"give shares.{dataset['trained_on']} a value above 0"
                )
    for place, blocks in (("runs", settings["runs"]), ("submissions.runs", settings["submissions"]["runs"])):
        for position, block in enumerate(blocks):
            for section in ("datasets", *METHOD_SECTIONS):
                known = settings[section]
                for slug in block[section] if isinstance(block[section], list) else []:
                    if slug not in known:
                        at = f"{place}[{position}].{section}"
                        yield f"{at}: {slug!r} is not defined; write one of: {_listed(known)}"
    for slug, entry in settings["encoders"].items():
        needs_file = declared(registered("genprint.encoders")[entry["method"]]).get("NEEDS_FILE")
        if needs_file and entry["pretrained"] is None:
            yield f"encoders.{slug}.pretrained: {entry['method']} needs the file of a network; write its path"
    for slug, entry in settings["similarities"].items():
        if "shortlist" in entry:
            yield from _wrong_shortlist(f"similarities.{slug}.shortlist", entry["shortlist"], settings)
    for position, block in enumerate(settings["runs"]):
        named = settings["similarities"] if block["similarities"] == "all" else block["similarities"]
        listing = [name for name in named if "shortlist" in settings["similarities"].get(name, ())]
        if block["generated_generated"] and listing:
            yield (
                f"runs[{position}].generated_generated: statistics are of all pairs, but {', '.join(listing)} compares "
                "those of a shortlist; put it in another block of runs"
            )
    chosen, halves = settings["tables"]["variant"], settings["protocol"] == "halves"
    variants = (*[BEST_ON_CALIBRATION] * halves, *settings["variants"])
    if chosen == BEST_ON_CALIBRATION and not halves:
        yield (
            f"tables.variant: {chosen} needs a calibration half to choose on; write protocol: halves, or one of: "
            f"{_listed(variants)}"
        )
    elif chosen is not None and chosen not in variants:
        yield f"tables.variant: {chosen!r} is not defined; write one of: {_listed(variants)}"


def _wrong_shortlist(place: str, shortlist: dict, settings: dict) -> Iterator[str]:
    """A shortlist that nothing can make, or that asks for more pairs than are kept."""
    makers = {name: entry for name, entry in settings["similarities"].items() if "shortlist" not in entry}
    maker, encoder = shortlist["similarity"], shortlist["encoder"]
    if maker not in makers:
        yield f"{place}.similarity: {maker!r} is no similarity of all pairs; write one of: {_listed(makers)}"
    elif encoder not in settings["encoders"]:
        yield f"{place}.encoder: {encoder!r} is not defined; write one of: {_listed(settings['encoders'])}"
    elif reason := impossible(settings["encoders"][encoder], makers[maker]):
        yield f"{place}: {reason}; write another encoder or similarity"
    kept = settings["pairs"]["top"]
    if kept is not None and shortlist["nearest"] > kept:
        yield f"{place}.nearest: is {shortlist['nearest']}, but pairs.top keeps {kept}; write at most {kept}"


def _wrong_encoder(slug: str, encoders: dict) -> Iterator[str]:
    """An encoder of `identify` that does not exist, or that would be trained."""
    registry = registered("genprint.encoders")
    fixed = [name for name, entry in encoders.items() if not declared(registry[entry["method"]])["TRAINED"]]
    if slug not in fixed:
        yield f"identify.encoder: {slug!r} is no encoder that is used as it is; write one of: {_listed(fixed)}"


def _wrong_limits(limits: dict, settings: dict) -> Iterator[str]:
    """A data set that ladders cannot replace the generator of, and levels that make no ladder."""
    slug = limits["dataset"]
    dataset = settings["datasets"].get(slug, {"source": None})
    if dataset["source"] == "controlled" and dataset["shares"]["other"] == 0:
        yield (
            f"datasets.{slug}.shares.other: is 0, but limits need other patients for a generator that leaks "
            "nothing; write a share above 0"
        )
    yield from _not_examined("limits.dataset", slug, settings)
    for name, ladder in limits["ladders"].items():
        levels = ladder["levels"]
        steps = list(pairwise(levels))
        if not (all(a < b for a, b in steps) or all(a > b for a, b in steps)):
            yield f"limits.ladders.{name}.levels: {levels} neither rise nor fall; order them from faint to strong"
        if ladder["scale"] == "log" and min(levels) <= 0:
            yield (
                f"limits.ladders.{name}.levels: {min(levels)} has no logarithm; leave it out (a generator that leaks "
                "nothing is always tried), or write scale: linear"
            )


def _not_examined(place: str, slug: str, settings: dict) -> Iterator[str]:
    """A data set that is not made of real images and a generator, or whose runs cannot be tried on others."""
    controlled = [name for name, dataset in settings["datasets"].items() if dataset["source"] == "controlled"]
    if slug not in controlled:
        yield f"{place}: {slug!r} is no controlled data set; write one of: {_listed(controlled)}"
        return
    examined = {run.similarity for run in plan(settings).runs if run.dataset == slug}
    if not examined:
        yield f"{place}: {slug!r} has no run, and its runs are what is examined; add it to a block of runs"
    if listing := sorted(name for name in examined if "shortlist" in settings["similarities"][name]):
        yield (
            f"{place}: runs on {slug!r} use {', '.join(listing)}, but trials are of all pairs; leave the shortlists out"
        )


def _explain(error: jsonschema.ValidationError) -> Iterator[str]:
    place = _place(error.absolute_path)
    schema: Any = error.schema
    value: Any = error.validator_value
    instance: Any = error.instance
    described = schema.get("description", "")
    match error.validator:
        case "additionalProperties":
            known = schema.get("properties", {})
            patterns = schema.get("patternProperties", {})
            for key in instance:
                if key not in known and not patterns:
                    yield f"{_place([*error.absolute_path, key])}: unknown key; write one of: {_listed(known)}"
        case "required":
            for key in value:
                if key not in instance:
                    yield f"{_place([*error.absolute_path, key])}: missing; {_wanted(schema, key)}"
        case "type" if isinstance(instance, float) and instance.is_integer() and "integer" in _types(schema):
            yield f"{place}: {instance} is not a whole number; write {int(instance)}"
        case "type" if isinstance(instance, float) and not math.isfinite(instance):
            yield f"{place}: {instance} is not a number that can be computed with; write {described or 'another'}"
        case "type" if isinstance(instance, int) and "number" in _types(schema) and len(str(abs(instance))) > 300:
            digits = f"a number of {len(str(abs(instance)))} digits"
            yield f"{place}: {digits} is not a number that can be computed with; write {described or 'another'}"
        case "enum":
            yield f"{place}: {instance!r} is not known; write one of: {_listed(schema['enum'])}"
        case "pattern" if described:
            yield f"{place}: {instance!r} cannot be used; write {described}"
        case "pattern":
            yield f"{place}: {instance!r} is not a valid name; use lower-case letters, digits and single dashes"
        case _:
            yield f"{place}: {error.message}; write {described or _listed([value])}"


def _types(schema: dict) -> list[str]:
    kinds = schema.get("type", [])
    return [kinds] if isinstance(kinds, str) else kinds


def _wanted(schema: dict, key: str) -> str:
    wanted = schema.get("properties", {}).get(key, {})
    if "enum" in wanted:
        return f"write one of: {_listed(wanted['enum'])}"
    return f"write {wanted.get('description', 'a value')}"


def _place(path: Iterable) -> str:
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.lstrip(".") or "the configuration"


def _listed(names: Iterable) -> str:
    return ", ".join("null" if name is None else str(name) for name in names) or "(nothing is defined)"


def _fill_defaults(validator: Any, properties: dict, instance: object, schema: dict) -> Iterator:
    if isinstance(instance, dict):
        for key, wanted in properties.items():
            if "default" in wanted:
                instance.setdefault(key, copy.deepcopy(wanted["default"]))
    yield from jsonschema.Draft202012Validator.VALIDATORS["properties"](validator, properties, instance, schema)


def _is_whole(_: object, value: object) -> bool:
    """Tell whole numbers: 64.0 is one to JSON schema, and nothing that counts to Python."""
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(_: object, value: object) -> bool:
    """Tell numbers that can be computed with: neither NaN nor infinity, nor too large for floating point."""
    try:
        return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    except OverflowError:
        return False


_Draft = jsonschema.Draft202012Validator
_DefaultsValidator = jsonschema.validators.extend(
    _Draft,
    {"properties": _fill_defaults},
    type_checker=_Draft.TYPE_CHECKER.redefine_many({"integer": _is_whole, "number": _is_number}),
)


def _hidden(entry: dict) -> dict:
    # `real: phantom` names no file.
    return {
        key: HIDDEN if key in _FILES and value is not None and value != "phantom" else value
        for key, value in entry.items()
    }
