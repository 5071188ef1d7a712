"""What the output of a run says about its jobs."""

import re


def started(output: str) -> dict[str, str]:
    """Output files of the jobs that a run started, by job id."""
    found = re.findall(r"^(?:local)?rule \w+:\n(.*?)^    jobid: (\d+)$", output, re.MULTILINE | re.DOTALL)
    return {job: re.findall(r"^    output: (.*)$", text, re.MULTILINE)[0] for text, job in found if "output:" in text}


def finished(output: str) -> set[str]:
    """Output files of the jobs that a run finished."""
    files = started(output)
    return {files[job] for job in re.findall(r"^Finished jobid: (\d+)", output, re.MULTILINE) if job in files}
