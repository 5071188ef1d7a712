"""What reruns, what does not, and that nothing depends on cores, blocks or order."""

import re

import pytest

pytestmark = pytest.mark.workflow

PAPERS = {"2024-table-1", "2024-table-2", "2024-table-3", "2025-table-1", "2025-table-2", "2025-table-3"}
EVERY_TABLE = {
    f"tables/{name}.{form}"
    for name in PAPERS | {"verdicts", "selection", "ablation", "release", "exposed", "copies", "spikes"}
    for form in ("parquet", "csv", "md", "tex")
} | {f"tables/{name}.csv" for name in ("controls", "at-risk", "patients-at-risk", "run-files")}


def planned(output: str) -> set[str]:
    """Names of the output files that a dry run would make."""
    return set(re.findall(r"^    output: (.*)$", output, re.MULTILINE))


@pytest.fixture(scope="module")
def finished(shared_workflow, small):
    shared_workflow.snakemake(config=small())
    return shared_workflow


def test_a_second_run_has_nothing_to_do(finished, small):
    assert "Nothing to be done" in finished.snakemake(config=small())


def test_touching_the_code_reruns_nothing(finished, small):
    for file in finished.source.rglob("*.py"):
        file.touch()
    assert "Nothing to be done" in finished.snakemake("-n", config=small())


def test_editing_ssim_reruns_ssim_and_what_follows_from_it(finished, small):
    file = finished.source / "scripts/genprint/similarity/ssim.py"
    before = file.read_text()
    file.write_text(before + "# edited\n")
    try:
        outputs = planned(finished.snakemake("-n", config=small()))
    finally:
        file.write_text(before)
    assert any("/similarity/original/pixels/ssim/" in output for output in outputs)
    assert any("/metrics/noise/pixels/ssim." in output for output in outputs)
    assert any("/tables/" in output for output in outputs)
    strangers = ("/images/", "/variants/", "/features/", "/cosine", "/ssim3")
    assert not [output for output in outputs if any(part in output for part in strangers)]


def test_impossible_pairs_are_shown(finished, small):
    everything = small(runs=[{}])
    output = finished.snakemake("-n", config=everything)
    assert "Left out: cnn x ssim3: ssim3 compares images, cnn yields vectors." in output


def test_blocks_and_cores_change_no_byte_of_any_table(finished, workflow, small):
    workflow.snakemake(config=small(pairs={"block": 45}), cores=1)
    tables = finished.results("small", "tables/*")
    assert tables.keys() == EVERY_TABLE
    assert workflow.results("small", "tables/*") == tables
    assert workflow.results("small", "figures/*") == finished.results("small", "figures/*")
    for folder in ("similarity/original/pixels/ssim", "copies/search"):
        assert len(workflow.results("small", f"leak/{folder}/real-generated/*.parquet")) > 1


def test_a_killed_run_goes_on(workflow, small):
    first = small(runs=[{"encoders": ["pixels"], "similarities": ["cosine"]}])
    workflow.snakemake("similarity", config=first)
    kept = workflow.results("small", "leak/similarity/**/*.parquet")
    (workflow.folder / "results/small/leak/similarity/original/pixels/cosine/real-real/0-0.parquet").unlink()
    output = workflow.snakemake("similarity", config=first)
    assert "similarity_run        1" in re.sub(r" +", lambda m: " " * 8, output)
    assert workflow.results("small", "leak/similarity/**/*.parquet") == kept


def test_every_parquet_carries_its_provenance(finished):
    from genprint.files import read_origin

    files = list((finished.folder / "results").rglob("*.parquet"))
    assert files
    for file in files:
        origin = read_origin(file)
        assert origin.keys() == {"code", "seed", "parameters", "versions"}, file


def test_the_log_has_the_traceback_of_a_failure(workflow, small):
    config = small(runs=[{"encoders": ["pixels"], "similarities": ["cosine"], "variants": ["original"]}])
    file = workflow.source / "scripts/genprint/similarity/cosine.py"
    file.write_text(file.read_text() + "\nraise RuntimeError('broken on purpose')\n")
    output = workflow.snakemake("similarity", config=config, ok=False)
    assert "broken on purpose" in output
    logs = [log.read_text() for log in (workflow.folder / "logs").rglob("*.log")]
    assert any("Traceback" in log and "broken on purpose" in log for log in logs)
