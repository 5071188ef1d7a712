"""The audit of the papers' tables runs without a benchmark and without images."""

import pytest


@pytest.mark.workflow
def test_audit_needs_no_images(workflow):
    workflow.snakemake("audit_reported")
    found = workflow.results("reported", "*")
    assert sorted(found) == ["audit.csv", "audit.md"]
    assert b"impossible" in found["audit.csv"]
    assert sorted(path.name for path in (workflow.folder / "results").iterdir()) == ["reported"]


@pytest.mark.workflow
def test_audit_is_part_of_a_configuration_that_shows_reported_values(workflow):
    default, reported = (
        workflow.snakemake("--dry-run", "--config", f"tables={{reported: {years}}}") for years in ([], [2025])
    )
    assert "audit_reported" in reported and "audit_reported" not in default
