import document_artifacts
import pyarrow as pa
import pytest

from genprint.columns import description

TABLES = {path: table for path, table in document_artifacts.FILES.items() if isinstance(table, pa.Schema)}


def test_the_page_about_files_is_that_of_the_code():
    advice = "run `python scripts/document_artifacts.py`"
    assert document_artifacts.page() == document_artifacts.PAGE.read_text(encoding="utf-8"), advice


@pytest.mark.parametrize("path", TABLES)
def test_every_table_and_column_says_what_it_is(path):
    table = TABLES[path]
    assert len(set(table.names)) == len(table.names)
    assert all(len(description(declared)) > 3 for declared in [table, *table])
