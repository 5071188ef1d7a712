"""A person who never saw the project gets from clone to report by what the README says."""

import csv
import os
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image

pytestmark = pytest.mark.workflow
ROOT = Path(__file__).resolve().parents[2]
EDIT = "# write your folders into my-audit.yaml"


def own_images(ct_folder, folder):
    """Images of a hospital: slices of many patients, half of them trained on, and releases made from these."""
    random = np.random.default_rng(0)
    with (ct_folder / "manifest.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["stratum"] == "tcga"]
    slices = defaultdict(list)
    for row in rows:
        slices[row["patient_id"]].append(row["file"])
    (folder / "patients.csv").parent.mkdir(parents=True)
    lines = ["image_id,patient"]
    for number, (patient, files) in enumerate(sorted(slices.items())):
        role = ("training", "others")[number % 2]
        (folder / role).mkdir(exist_ok=True)
        for name in files:
            shutil.copy(ct_folder / name, folder / role)
            lines.append(f"{Path(name).stem},{patient}")
    (folder / "patients.csv").write_text("\n".join(lines) + "\n")
    (folder / "release").mkdir()
    for number, file in enumerate(sorted((folder / "training").iterdir())):
        grey = np.asarray(Image.open(file).convert("L"), np.int16)
        noisy = (grey + random.normal(0, 10, grey.shape)).clip(0, 255).astype(np.uint8)
        Image.fromarray(noisy).save(folder / f"release/synthetic_{number}.png")


def write_folders(file, folder):
    """What the person writes into the configuration."""
    config = yaml.safe_load(file.read_text())
    config["images"]["size"] = 64
    own = config["datasets"]["release"]
    own["roles"] = {
        "used": [f"{folder}/training/*"],
        "not_used": [f"{folder}/others/*"],
        "generated": [f"{folder}/release/*"],
    }
    own["groups"]["file"] = f"{folder}/patients.csv"
    config["runs"] = [{"variants": ["original"], "encoders": ["pixels"]}]  # the first look of docs/own-data.md
    config["copies"] = {"spikes": 4}
    file.write_text(yaml.safe_dump(config))


def readme_commands(section):
    """The indented commands of a section of the README."""
    text = re.search(rf"^## {section}\n(.*?)^## ", (ROOT / "README.md").read_text(), re.M | re.S).group(1)
    return [line.strip() for line in text.splitlines() if line.startswith("    ")]


def shell(commands, folder):
    """What bash prints while it does the commands, one after the other."""
    done = subprocess.run(
        ["bash", "-ec", "\n".join(commands)],
        cwd=folder,
        env=os.environ | {"VIRTUAL_ENV_DISABLE_PROMPT": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-6000:]
    return done.stdout


def test_from_clone_to_report(tmp_path, ct_folder):
    own_images(ct_folder, tmp_path / "my images")
    clone = next(command for command in readme_commands("Try it") if command.startswith("git clone"))
    shell([clone.replace("<this repository>", f"--quiet {ROOT} genprint")], tmp_path)
    here = tmp_path / "genprint"
    # The installed packages are used again; `make` would install the same ones.
    (here / ".venv").symlink_to(sys.prefix, target_is_directory=True)
    commands = [
        c.replace("make install", "make -o requirements.txt install") for c in readme_commands("Your own images")
    ]
    edit = commands.index(EDIT)
    shell(commands[:edit], here)
    write_folders(here / "my-audit.yaml", tmp_path / "my images")
    output = shell([commands[1], *commands[edit + 1 :]], here)
    assert "Planned: 5 runs on 1 data set, " in output
    assert "release: copies found. " in output
    report = Path(re.search(r"^Report: (.*)$", output, re.M).group(1))
    assert "copies found" in (here / report).read_text()
