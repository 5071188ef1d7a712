import time
from pathlib import Path

import pytest

from genprint.plan.configuration_files import refuse

CONFIG = Path(__file__).resolve().parents[2] / "config"


@pytest.fixture
def written(tmp_path):
    def write(text):
        file = tmp_path / "config.yaml"
        file.write_text(text)
        return [file]

    return write


@pytest.mark.parametrize("file", sorted(CONFIG.glob("*.yaml")), ids=lambda file: file.name)
def test_our_own_are_accepted(file):
    refuse([file])


def test_a_key_that_stands_twice_is_named_with_its_lines(written):
    with pytest.raises(ValueError, match=r"(?s)line 3: seed stands in line 1 already.*line 6: size stands in line 5"):
        refuse(written("seed: 1\nbenchmark: a\nseed: 2\nimages:\n  size: 3\n  size: 4\nphantom: {size: 5}\n"))


def test_aliases_that_multiply_are_refused_at_once(written):
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 40)]
    began = time.perf_counter()
    with pytest.raises(ValueError, match="more than 100000 values through its aliases"):
        refuse(written("\n".join(lines)))
    assert time.perf_counter() - began < 1


def test_what_refers_to_itself_is_refused(written):
    with pytest.raises(ValueError, match="nested without end"):
        refuse(written("datasets: &d\n  a: *d\n"))


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "a: [b\n", "a: &x {b: 1}\nc: *x\n", "{}\n"])
def test_other_files_are_none_of_its_business(written, text):
    refuse(written(text))


def test_a_file_that_is_not_there_is_said_by_snakemake(tmp_path):
    refuse([tmp_path / "nowhere.yaml"])
