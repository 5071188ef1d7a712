import json
import os

import pytest

from genprint.plan import contents
from genprint.plan.contents import Contents


@pytest.fixture
def files(tmp_path):
    found = [tmp_path / name for name in ("a.png", "b.png")]
    for number, file in enumerate(found):
        file.write_bytes(bytes([number]) * 100)
    return found


@pytest.fixture
def memory(tmp_path):
    (tmp_path / "results").mkdir()
    return tmp_path / "results/.contents.json"


def backdated(file, content):
    """Replace a file by one of the same size and an older date."""
    other = file.with_name("other")
    other.write_bytes(content)
    os.utime(other, (1, 1))
    other.replace(file)


def test_content_decides_and_not_the_date(files, memory):
    before = Contents(memory).version(files)
    os.utime(files[0], (2_000_000_000, 2_000_000_000))
    assert Contents(memory).version(files) == before
    backdated(files[0], bytes([7]) * 100)
    changed = Contents(memory).version(files)
    assert changed != before
    backdated(files[0], bytes([0]) * 100)
    assert Contents(memory).version(files) == before


def test_a_change_within_the_same_second_and_of_the_same_size_is_noticed(files, memory):
    before, stat = Contents(memory).version(files), files[0].stat()
    with files[0].open("r+b") as file:
        file.write(b"x")
    os.utime(files[0], ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert files[0].stat().st_mtime_ns == stat.st_mtime_ns
    assert Contents(memory).version(files) != before


def test_names_and_order_are_part_of_it(files, memory):
    versions = {Contents(memory).version(chosen) for chosen in (files, files[::-1], files[:1], [])}
    assert len(versions) == 4


def test_unchanged_files_are_not_read_again(files, memory, monkeypatch):
    before = Contents(memory).version(files)
    monkeypatch.setattr(contents, "_hash", lambda file: pytest.fail(f"{file} was read"))
    assert Contents(memory).version(files) == before


def test_nothing_is_written_where_there_are_no_results_yet(files, tmp_path):
    memory = tmp_path / "nowhere/.contents.json"
    before = Contents(memory).version(files)
    assert not memory.parent.exists()
    found = Contents(memory)
    assert found.version(files) == before
    memory.parent.mkdir()
    found.remember()
    assert set(json.loads(memory.read_text())) == set(map(str, files))


@pytest.mark.parametrize("text", ["", "[]", '{"a": 1}', "\x00", json.dumps({"a.png": [["x"], "y"]})])
def test_a_memory_that_is_not_whole_is_forgotten(files, memory, text):
    before = Contents(memory).version(files)
    memory.write_text(text)
    assert Contents(memory).version(files) == before


def test_a_file_that_is_not_there_is_no_error(files, memory):
    before = Contents(memory).version(files)
    files[1].unlink()
    assert Contents(memory).version(files) != before
