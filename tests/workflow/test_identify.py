"""Which set trained the generator, by a real Snakemake, of sets that look different and of sets that do not."""

import cv2
import numpy as np
import pandas as pd
import pytest

pytestmark = pytest.mark.workflow


def write(folder, images):
    folder.mkdir(parents=True)
    for number, image in enumerate(images):
        cv2.imwrite(str(folder / f"image_{number}.png"), image)


@pytest.mark.parametrize("different", [True, False])
def test_copies_are_put_to_their_set_and_the_control_says_what_that_means(workflow, different):
    random, sets = np.random.default_rng(0), {}
    for number, name in enumerate(("first", "second")):
        patients = random.integers(0, 160, (12, 32, 32)) + 60 * number * different
        write(workflow.folder / f"data/{name}/real", patients.astype(np.uint8))
        write(workflow.folder / f"data/{name}/generated", (patients[:6] + 3).astype(np.uint8))
        sets[name] = {side: [f"data/{name}/{side}/*.png"] for side in ("real", "generated")}
    asked = {"sets": sets}
    workflow.snakemake("identify", config={"benchmark": "sets", "images": {"size": 32}, "identify": asked})
    found = pd.read_csv(workflow.folder / "results/sets/identify/accuracy.csv").set_index(["images", "rule"])
    assert found.loc[("generated", "nearest neighbour"), "accuracy"] == 1
    assert (found.loc[("real", "nearest centroid"), "p"] < 0.05) == different
    told = (workflow.folder / "results/sets/identify/accuracy.md").read_text()
    assert ("no evidence of a leak" in told) == different
    predictions = pd.read_csv(workflow.folder / "results/sets/identify/predictions.csv")
    known = predictions[predictions["set"].notna()]
    assert (known["nearest neighbour"] == known["set"]).all() and len(known) == 12


def test_an_encoder_that_is_trained_is_refused(workflow):
    sets = {name: {"real": [f"data/{name}/*.png"]} for name in ("first", "second")}
    config = {"benchmark": "sets", "identify": {"sets": sets, "encoder": "cnn"}}
    output = workflow.snakemake("identify", config=config, ok=False)
    assert "identify.encoder: 'cnn' is no encoder that is used as it is; write one of: pixels" in output
