"""One HTML page with everything a benchmark found; it needs no other file and no network.

Its bytes depend on the configuration and on what was found alone: nothing in it is timed. Everything that comes from
outside (ids, file names, names of data sets) is text to the browser, and the page's own policy keeps any other script,
and any request, from being made.
"""

import base64
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import jinja2
import pandas as pd
import yaml

from genprint.report.colours import DARK, INK, LINES, PAPER
from genprint.report.display import Shown, browsable, displayed
from genprint.tables.verdict import CANNOT_SAY, LEAK, NOTHING

FOUND = {
    "selection": "The best of all combinations, chosen on calibration and (optimistic) on evaluation images",
    "limits": "Limits of detection",
}
PAPERS = {
    "2024-table-1": "3-SSIM between and within the sets (Table 1 of 2024)",
    "2024-table-2": "Noise and similarity (Table 2 of 2024)",
    "2024-table-3": "Each data set and their mean (Table 3 of 2024)",
    "2025-table-1": "Images (Table 1 of 2025)",
    "2025-table-2": "Enhancement as really used (Table 2 of 2025)",
    "2025-table-3": "Encoder and similarity (Table 3 of 2025)",
}
FIGURES = {
    "auc": "Every run beside its control",
    "roc": "Found and falsely accused",
    "histogram": "Scores and threshold",
    "heatmap": "Variant and similarity",
    "limits": "Limit of detection",
    "nearest": "Nearest pairs",
    "similarity": "What a similarity compares",
    "noise": "Noise",
    "enhancement": "Enhancement",
    "images": "The images",
}
IMAGES = ("nearest", "similarity", "noise", "enhancement", "images")
NEXT_STEPS = {
    LEAK: (
        "Do not release these generated images as they are.",
        "Look at the images most at risk beside their nearest generated images: report.galleries: true draws them, on "
        "a machine where they may be shown.",
        "Leave out generated images that resemble a training image, or train the generator with fewer passes, more "
        "patients or stronger regularisation; generate anew, and run the same configuration again.",
    ),
    NOTHING: (
        "Read this with the limit of detection: a smaller leak, or one of another kind, would not have been seen.",
        "Try more methods (config/sweep.yaml), and more not used images of other patients, which narrow the intervals.",
        "Keep this page with the release; it says exactly what was tried.",
    ),
    CANNOT_SAY: (
        "Add images of more patients, used and not used: the intervals are too wide for an answer.",
        "Name the patient of each image (groups), and read the controls: labels that leak through the real images hide "
        "what the generated ones tell.",
    ),
}
MOST_PICTURE_BYTES = 10_000_000
COMMAND = "snakemake --cores all --configfile this-configuration.yaml"
_TONES = {LEAK: "leak", NOTHING: "nothing", CANNOT_SAY: "unclear"}
_VERDICT = ("dataset", "verdict", "text")

_FOLDER = Path(__file__).parent
_ENVIRONMENT = jinja2.Environment(
    loader=jinja2.FileSystemLoader(_FOLDER), autoescape=True, trim_blocks=True, lstrip_blocks=True
)


class Picture(NamedTuple):
    """A figure of the page."""

    file: str
    """Its name with the suffix .svg or .png."""
    data: bytes
    caption: str


def report(
    *,
    benchmark: str,
    runs: int,
    tables: Mapping[str, pd.DataFrame],
    controls: pd.DataFrame,
    at_risk: pd.DataFrame,
    pictures: Iterable[Picture],
    dropped: Sequence[str],
    skipped: Sequence[Mapping],
    made_by: Mapping,
    verdicts: pd.DataFrame | None = None,
) -> str:
    """The page as text.

    Args:
        benchmark: Its name.
        runs: How many combinations it has.
        tables: By name, in the order in which they are shown; of them "ablation" can be sorted and filtered.
        controls: Of `genprint.report.decisions.beside_controls`.
        at_risk: Of `genprint.report.decisions.most_at_risk`.
        pictures: Those named in `FIGURES`, in any order.
        dropped: Combinations that are not possible, with the reason.
        skipped: Files left out: dataset, file, reason.
        made_by: Of `genprint.files.provenance`, with the completed configuration as its parameter ``settings``.
        verdicts: dataset, verdict, text, and any numbers; None if there are none.
    """
    shown = _figures(pictures)
    cards = [] if verdicts is None else [_verdict(row) for row in verdicts.to_dict("records")]
    return _page(
        "page.html",
        script=True,
        benchmark=benchmark,
        runs=runs,
        verdicts=cards,
        next_steps=_next_steps(cards, made_by["parameters"]["settings"]["datasets"]),
        controls=displayed("Results beside their controls", controls),
        at_risk=_by_dataset(at_risk),
        charts=[figure for figure in shown if figure["name"] not in IMAGES],
        galleries=[figure for figure in shown if figure["name"] in IMAGES],
        found=[displayed(title, tables[name]) for name, title in FOUND.items() if name in tables],
        papers=[displayed(title, tables[name]) for name, title in PAPERS.items() if name in tables],
        ablation=browsable(tables["ablation"]),
        dropped=dropped,
        skipped=skipped,
        made_by=made_by,
        configuration=yaml.safe_dump(made_by["parameters"]["settings"], sort_keys=False, allow_unicode=True),
        command=COMMAND,
    )


def run_times_page(stages: pd.DataFrame, *, benchmark: str) -> str:
    """Return the page of what the jobs cost, apart from the report: no two runs take the same time.

    ``stages`` is as in `genprint.runtime.run_times.by_stage`.
    """
    return _page("run_times.html", benchmark=benchmark, stages=displayed("Run times per stage", stages))


def _page(template: str, *, script: bool = False, **content) -> str:
    style = (_FOLDER / "style.css").read_text(encoding="utf-8")
    code = (_FOLDER / "browse.js").read_text(encoding="utf-8") if script else ""
    policy = f"default-src 'none'; img-src data:; style-src {_hash(style)}; script-src {_hash(code)}"
    page = _ENVIRONMENT.get_template(template)
    return page.render(style=style, script=code, policy=policy, **content)


def _hash(text: str) -> str:
    """How a content security policy names an inline script or style."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _verdict(row: Mapping) -> dict:
    numbers = displayed("", pd.DataFrame([{name: value for name, value in row.items() if name not in _VERDICT}]))
    values = zip((column.name for column in numbers.columns), numbers.rows[0], strict=True)
    return {
        **{name: row[name] for name in _VERDICT},
        "tone": _TONES[row["verdict"]],
        "numbers": [(name, value) for name, value in values if value],
    }


def _next_steps(cards: list[dict], datasets: Mapping[str, Mapping]) -> list[tuple[str, str, Sequence[str]]]:
    """Data sets, verdict and steps, of folders of images; a benchmark that knows the truth needs none."""
    owned = [card for card in cards if datasets.get(card["dataset"], {}).get("source") == "folder"]
    of_verdict = {verdict: [card["dataset"] for card in owned if card["verdict"] == verdict] for verdict in NEXT_STEPS}
    return [(", ".join(names), verdict, NEXT_STEPS[verdict]) for verdict, names in of_verdict.items() if names]


def _by_dataset(at_risk: pd.DataFrame) -> list[Shown]:
    return [
        displayed(str(dataset), rows.drop(columns="dataset"))
        for dataset, rows in at_risk.groupby("dataset", sort=False)
    ]


def _figures(pictures: Iterable[Picture]) -> list[dict]:
    """In the order of `FIGURES`; those for which the page has no room have no source."""
    found = {Path(picture.file).stem: picture for picture in pictures}
    figures, room = [], MOST_PICTURE_BYTES
    for name in (name for name in FIGURES if name in found):
        source = _data_uri(found[name])
        fits = len(source) <= room
        room -= len(source) * fits
        figures.append(
            {
                "name": name,
                "title": FIGURES[name],
                "file": found[name].file,
                "caption": found[name].caption,
                "source": source if fits else None,
            }
        )
    return figures


def _data_uri(picture: Picture) -> str:
    kind, data = "image/png", picture.data
    if picture.file.endswith(".svg"):
        kind, data = "image/svg+xml", _adaptive(picture.data)
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def _adaptive(svg: bytes) -> bytes:
    """The picture with ink, lines and paper that follow the page into the dark."""
    rules = [
        f'[style*="{kind}: {colour}"]{{{kind}:{DARK[colour]}!important}}'
        for colour in (INK, LINES)
        for kind in ("fill", "stroke")
    ]
    rules.append(f'[style*="fill: {PAPER}"]{{fill:none!important}}')
    style = f"<style>@media(prefers-color-scheme:dark){{{''.join(rules)}}}</style><defs>"
    return svg.replace(b"<defs>", style.encode(), 1)
