"""The methods that docs/methods.md adds work, each from one file and one line of configuration."""

import re
from pathlib import Path

import pytest
import yaml

pytestmark = pytest.mark.workflow
PAGE = (Path(__file__).resolve().parents[2] / "docs/methods.md").read_text()


def test_the_examples_are_complete_methods(workflow, small):
    added = {}
    for file, code, line in re.findall(r"`(scripts/\S+)`\n\n```python\n(.*?)```\n\n```yaml\n(.*?)```", PAGE, re.S):
        (workflow.source / file).write_text(code)
        added |= yaml.safe_load(line)
    assert added.keys() == {"similarities", "encoders", "variants", "datasets"}
    added["datasets"]["average"]["samples"] = 20
    output = workflow.snakemake("similarity", config=small(**added, runs=[{}]))
    assert "Planned: 1 run on 1 data set, " in output
    assert len(workflow.results("small", "average/similarity/median/mean-grey/correlation/*/*.parquet")) == 2
