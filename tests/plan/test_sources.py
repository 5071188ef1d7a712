import pytest

from genprint.plan import sources

PACKAGES = ("genprint.variants", "genprint.encoders", "genprint.similarity", "genprint.generators")


def test_methods_are_the_files_of_a_package():
    for package in PACKAGES:
        files = {file.stem.replace("_", "-") for file in sources.module_file(package).parent.glob("*.py")}
        assert sources.registered(package).keys() == {name for name in files if not name.startswith("-")}
    assert sources.registered("genprint.variants")["gaussian-noise"] == "genprint.variants.gaussian_noise"


def test_declared_reads_without_importing(tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "LIBRARY", tmp_path / "genprint")
    (tmp_path / "genprint").mkdir()
    (tmp_path / "genprint" / "method.py").write_text("FACT = ('a', 1)\nCOMPUTED = open('x')\nraise SystemExit\n")
    assert sources.declared("genprint.method") == {"FACT": ("a", 1)}


def test_declared_follows_constants_that_are_imported(tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "LIBRARY", tmp_path / "genprint")
    (tmp_path / "genprint").mkdir()
    (tmp_path / "genprint" / "shared.py").write_text("COMMON = {'a': 1, 'b': 2}\nraise SystemExit\n")
    source = "from genprint.shared import COMMON as ALL\nSIZE = 3\nOPTIONS = {**ALL, 'b': SIZE}\n"
    (tmp_path / "genprint" / "extended.py").write_text(source)
    assert sources.declared("genprint.extended") == {"SIZE": 3, "OPTIONS": {"a": 1, "b": 3}}


@pytest.fixture
def library(tmp_path, monkeypatch):
    """A library of three modules: a imports b inside a function, c stands alone."""
    folder = tmp_path / "genprint"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "a.py").write_text("def f():\n    from genprint import b\n")
    (folder / "b.py").write_text("B = 1\n")
    (folder / "c.py").write_text("C = 1\n")
    monkeypatch.setattr(sources, "LIBRARY", folder)
    sources._parsed.cache_clear()
    sources._imported_files.cache_clear()
    return folder


def version():
    sources._parsed.cache_clear()
    sources._imported_files.cache_clear()
    return sources.code_version("genprint.a")


def test_code_version_follows_imports_inside_functions(library):
    before = version()
    (library / "b.py").write_text("B = 2\n")
    assert version() != before


def test_code_version_ignores_touch_and_strangers(library):
    before = version()
    (library / "b.py").touch()
    (library / "c.py").write_text("C = 2\n")
    assert version() == before


def test_code_version_counts_the_templates_of_a_package(library):
    (library / "page").mkdir()
    (library / "page" / "__init__.py").write_text("")
    template = library / "page" / "page.html"
    template.write_text("<p>")
    (library / "b.py").write_text("import genprint.page\n")
    before = version()
    template.write_text("<b>")
    assert version() != before


def test_code_version_follows_relative_imports_and_the_packages_of_what_is_imported(library):
    (library / "package").mkdir()
    for name, text in {"__init__": "", "near": "N = 1\n", "user": "from . import near\nfrom .. import c\n"}.items():
        (library / "package" / f"{name}.py").write_text(text)
    (library / "b.py").write_text("import genprint.package.user\n")
    for file in ("package/__init__.py", "package/near.py", "c.py"):
        before = version()
        (library / file).write_text("CHANGED = True\n")
        assert version() != before, file


def test_ssim_is_no_part_of_the_code_of_other_similarities():
    ssim = sources.module_file("genprint.similarity.ssim")
    for name, module in sources.registered("genprint.similarity").items():
        reached, waiting = set(), [sources.module_file(module)]
        while waiting:
            file = waiting.pop()
            if file not in reached:
                reached.add(file)
                waiting.extend(sources._imported_files(file))
        assert (ssim in reached) == (name == "ssim")


def test_keys_are_read_without_importing():
    from genprint.scoring.scores import SCORE_RULES
    from genprint.tables.submissions import PRESETS

    assert sources.keys("genprint.scoring.scores", "SCORE_RULES") == list(SCORE_RULES)
    assert sources.keys("genprint.tables.submissions", "PRESETS") == list(PRESETS)
    with pytest.raises(KeyError, match="assigns no dict NOTHING"):
        sources.keys("genprint.scoring.scores", "NOTHING")
