"""The verdicts for machines: a record that programs read, and the gate that a publication has to pass."""

import math
from collections.abc import Collection, Mapping
from typing import Any

import pandas as pd

SCHEMA = "docs/verdict.schema.json"
"""What the record is, as JSON schema."""
_COUNTS = (
    "n_used",
    "n_not_used",
    "n_copies",
    "n_mem",
    "patients_exposed",
    "found_at_1_percent_fpr",
    "patients_at_1_percent_fpr",
)
_WORDS = ("dataset", "kind", "verdict", "text")


def record(verdicts: pd.DataFrame, datasets: Mapping[str, Mapping], *, benchmark: str, made_by: Mapping) -> dict:
    """Return the verdicts of a benchmark as a document for JSON; a value that is not defined is null.

    Args:
        verdicts: of all data sets (`genprint.tables.results.verdicts`).
        datasets: the configured data sets. One whose generator the benchmark trained itself is a control.
        benchmark: its name.
        made_by: the provenance (`genprint.files.provenance`).
    """
    entries = {}
    for row in verdicts.to_dict("records"):
        values = {name: _plain(value) for name, value in row.items()}
        entries[row["dataset"]] = {
            "kind": values["kind"],
            "verdict": values["verdict"],
            "text": values["text"],
            "control": datasets[row["dataset"]]["source"] == "controlled",
            "counts": {name: values[name] for name in _COUNTS},
            "evidence": {name: value for name, value in values.items() if name not in (*_COUNTS, *_WORDS)},
        }
    made = {"code": made_by["code"], "seed": made_by["seed"], "versions": dict(made_by["versions"])}
    return {"benchmark": benchmark, "datasets": entries, "made_by": made}


def refuse(document: Mapping, fail_on: Collection[str]) -> None:
    """Refuse a benchmark whose verdicts keep its images from being published.

    Args:
        document: `record`.
        fail_on: verdicts in words.

    Raises:
        ValueError: one sentence that names every data set, no control among them, that has such a verdict.
    """
    refused = [
        f"{name} ({entry['verdict']})"
        for name, entry in document["datasets"].items()
        if not entry["control"] and entry["verdict"] in fail_on
    ]
    if refused:
        raise ValueError(
            f"The gate is closed for {', '.join(refused)}: read results/{document['benchmark']}/report.html before "
            "anything is published."
        )


def _plain(value: Any) -> Any:
    """Return a value of a frame as JSON has it."""
    if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return None
    return value.item() if hasattr(value, "item") else value
