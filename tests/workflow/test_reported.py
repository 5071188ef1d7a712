"""The audit of the papers' tables runs without a benchmark and without images."""

import pytest
import yaml

pytestmark = pytest.mark.workflow


def test_audit_needs_no_images(workflow):
    workflow.snakemake("audit_reported")
    found = workflow.results("reported", "*")
    assert sorted(found) == ["audit.csv", "audit.md"]
    assert b"impossible" in found["audit.csv"]
    assert not list((workflow.folder / "results").rglob("images"))


def test_audit_is_made_where_reported_values_are_shown(workflow):
    config = yaml.safe_load((workflow.source / "config" / "config.yaml").read_text())
    planned = workflow.snakemake("--dry-run", config=config | {"tables": {"reported": [2025]}})
    assert "audit_reported" in planned
