"""Another workflow uses this one as a module, with its own configuration and results folder."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

pytestmark = pytest.mark.workflow
CONSUMER = """
configfile: "consumer.yaml"


module genprint:
    snakefile:
        "{snakefile}"
    config:
        config["genprint"]
    pathvars:
        results="derived",


use rule * from genprint as genprint_*


rule everything:
    default_target: True
    input:
        "derived/leak/metrics/original/pixels/cosine.parquet",
    output:
        "copied.parquet",
    shell:
        "cp {{input}} {{output}}"
"""


def test_a_consumer_has_its_own_configuration_and_results(workflow, small):
    config = small(runs=[{"encoders": ["pixels"], "variants": ["original"], "similarities": ["cosine"]}])
    consumer = workflow.folder
    (consumer / "Snakefile").write_text(CONSUMER.format(snakefile=workflow.source / "Snakefile"))
    (consumer / "consumer.yaml").write_text(yaml.safe_dump({"genprint": config, "own": 1}))
    command = [Path(sys.executable).with_name("snakemake"), "--cores", "2"]
    done = subprocess.run(command, cwd=consumer, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert done.returncode == 0, done.stdout[-8000:]
    assert "rule genprint_evaluation:" in done.stdout
    assert (consumer / "copied.parquet").stat().st_size
    assert not (consumer / "results").exists()
