import sys

import pytest

from genprint.plan.places import check_python


@pytest.mark.parametrize("folder", ["My Projects", "a'b", "a;b", "a$b"])
def test_a_path_of_python_that_the_shell_takes_apart_is_said_at_once(folder):
    check_python(sys.executable)
    with pytest.raises(ValueError, match="a path that Snakemake cannot start jobs by; move the environment"):
        check_python(f"/home/me/{folder}/genprint/.venv/bin/python")
