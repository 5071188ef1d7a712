"""What README and docs tell people to type exists. `workflow/test_newcomer` and others also do it."""

import ast
import importlib
import inspect
import re
import shlex
from itertools import takewhile
from pathlib import Path

import pytest
import yaml

from genprint.plan import run_files, runs
from genprint.plan.configuration import complete

ROOT = Path(__file__).resolve().parents[1]
PAGES = [
    *(ROOT / f"{name}.md" for name in ("README", "CONTRIBUTING", "CHANGELOG", "SECURITY")),
    *sorted((ROOT / "docs").glob("*.md")),
]
RULES = set(re.findall(r"^rule (\w+):", "\n".join(file.read_text() for file in ROOT.glob("rules/*.smk")), re.M))
PHONY = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.M).group(1).split()


def commands(program):
    """Commands of a program, wherever a page shows one: indented, fenced or in backticks."""
    found = []
    for page in PAGES:
        for line in page.read_text().splitlines():
            shown = [line.strip()] if line.startswith("    ") else re.findall(r"`([^`]+)`", line)
            found += [pytest.param(text, id=f"{page.name}: {text}") for text in shown if text.startswith(f"{program} ")]
    return found


VALUES = {"--cores": 1, "--quiet": 1, "-n": 0, "--lint": 0, "--workflow-profile": 1, "--report": 1}


@pytest.mark.parametrize("command", commands("snakemake"))
def test_targets_and_configurations_exist(command):
    words = shlex.split(command.replace("...", ""))[1:]
    while words:
        match words.pop(0):
            case "--configfile":
                files = list(takewhile(lambda word: not word.startswith("-"), words))
                assert len(files) <= 1, "every word after --configfile is taken for a file"
                assert all(file == "my-audit.yaml" or (ROOT / file).is_file() for file in files)
                del words[: len(files)]
            case option if option in VALUES:
                del words[: VALUES[option]]
            case target:
                assert target in RULES or target.startswith("results/"), f"{target} is no rule"


@pytest.mark.parametrize("command", commands("make"))
def test_make_has_the_goal(command):
    assert {word for word in command.split()[1:] if "=" not in word} <= set(PHONY)


@pytest.mark.parametrize("command", commands("python"))
def test_scripts_exist(command):
    assert (ROOT / command.split()[1]).is_file()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)]+)\)", page.read_text()):
        if "://" not in target and not target.startswith("#"):
            assert (page.parent / target.partition("#")[0]).exists(), target


def test_fenced_python_and_yaml_can_be_read():
    fences = [fence for page in PAGES for fence in re.findall(r"```(python|yaml)\n(.*?)```", page.read_text(), re.S)]
    read = [ast.parse(text).body if language == "python" else yaml.safe_load(text) for language, text in fences]
    assert read and all(read)


def test_the_citation_is_complete():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert {"cff-version", "message", "title", "authors", "version", "license"} <= citation.keys()


def test_hooks_have_the_pinned_versions():
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    pinned = (ROOT / "requirements.txt").read_text().splitlines()
    assert all(package in pinned for hook in hooks for package in hook["additional_dependencies"])


@pytest.mark.parametrize(
    ("page", "config", "counts"),
    [("imageclef.md", "imageclef2025.yaml", (72, 3)), ("own-data.md", "audit.yaml", (5, 0))],
)
def test_shown_sections_fit_the_configuration_they_are_meant_for(page, config, counts):
    blocks = re.findall(r"(?:^    .*\n)+", (ROOT / "docs" / page).read_text(), re.M)
    shown = [yaml.safe_load(block) for block in blocks if re.match(r"    (runs|submissions):\n", block)]
    schema = yaml.safe_load((ROOT / "config/schemas/config.schema.yaml").read_text())
    settings = complete(yaml.safe_load((ROOT / "config" / config).read_text()) | shown[0], schema)
    planned = runs.plan(settings).runs
    assert (len(planned), len(run_files.chosen(settings, planned))) == counts


ARCHITECTURE = (ROOT / "docs/architecture.md").read_text()


def resolved(name):
    """The module, class or function of a dotted name."""
    found = importlib.import_module("genprint")
    for depth, part in enumerate(name.split(".")[1:], start=2):
        if not hasattr(found, part):
            importlib.import_module(".".join(name.split(".")[:depth]))
        found = getattr(found, part)
    return found


def test_the_way_of_one_image_is_at_most_twelve_functions():
    section = re.search(r"### The way of one image\n(.*?)\n###? ", ARCHITECTURE, re.S).group(1)
    names = re.findall(r"^\d+\. `([\w.]+)`", section, re.M)
    assert 2 <= len(names) <= 12
    assert all(inspect.isfunction(resolved(name)) for name in names)


def test_every_folder_of_the_library_is_a_room():
    block = re.search(r"The folders of `scripts/genprint/`:\n\n```\n(.*?)```", ARCHITECTURE, re.S).group(1)
    folders = {file.parent.name for file in (ROOT / "scripts/genprint").glob("*/__init__.py")}
    assert folders <= set(re.findall(r"^(\w+)/", block, re.M))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_modules_and_files_that_are_named_exist(page):
    # A line that is nothing but a path says where an example belongs.
    text = re.sub(r"^`[^`\n]+`$", "", page.read_text(), flags=re.M)
    for name in re.findall(r"`(genprint\.[\w.]+)", text):
        resolved(name)
    files = re.findall(r"`((?:scripts|rules|tests|config|envs|profiles|docs)/[\w./-]+)`", text)
    assert all((ROOT / file).exists() for file in files), files
