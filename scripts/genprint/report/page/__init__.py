"""One HTML page with all results of a benchmark; it needs no other file and no network.

Its bytes depend on the configuration and the results alone: nothing in it is timed. Everything that comes from outside
(ids, file names, names of data sets) is text to the browser, and the page's own policy forbids any other script and any
request.
"""

import base64
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import jinja2
import pandas as pd
import yaml

from genprint.report.answers import answers
from genprint.report.colours import DARK, INK, LINES, PAPER
from genprint.report.copies import copy_displays
from genprint.report.display import Display, browsable, displayed
from genprint.tables.papers import TITLES
from genprint.tables.table import Table
from genprint.tables.verdict import Verdict

FINDINGS = ("selection", "limits", "withheld")
FIGURES = {
    "copied": "Copies and the images that they are copies of",
    "copies": "How near every generated image is",
    "spikes": "Perturbed copies that would have been found",
    "auc": "Every run beside its control",
    "roc": "Used images found and false alarms",
    "histogram": "Scores and threshold",
    "heatmap": "Variant and similarity",
    "limits": "Limit of detection",
    "nearest": "Nearest pairs",
    "similarity": "What a similarity compares",
    "noise": "Noise",
    "enhancement": "Enhancement",
    "images": "The images",
}
OF_COPIES = ("copied", "copies", "spikes")
IMAGES = ("nearest", "similarity", "noise", "enhancement", "images")
NEXT_STEPS = {
    Verdict.COPIES: (
        "Do not release these generated images as they are: tables/release.csv says which must be withheld, and "
        "tables/exposed.csv whose images they show.",
        "Look at the copies beside their originals. With report.galleries: true they are drawn; use it only on a "
        "machine where they may be shown.",
        "Leaving the copies out is not enough where a generator has made many: train it with fewer passes, more "
        "patients or stronger regularisation. Then generate new images and run the same configuration again.",
    ),
    Verdict.LEAK: (
        "Do not release these generated images as they are.",
        "Look at the images most at risk beside their nearest generated images. With report.galleries: true they are "
        "drawn; use it only on a machine where they may be shown.",
        "Leave out generated images that resemble a training image, or train the generator with fewer passes, more "
        "patients or stronger regularisation. Then generate new images and run the same configuration again.",
    ),
    Verdict.NOTHING: (
        "Read this together with the limit of detection: a smaller leak, or one of another kind, may have been missed.",
        "Try more methods (config/sweep.yaml), and add not used images of other patients, which narrow the intervals.",
        "Keep this page with the release; it says exactly what was tried.",
    ),
    Verdict.CANNOT_SAY: (
        "Add images of more patients, both used and not used: the intervals are too wide for an answer.",
        "Name the patient of each image (groups), and read the controls: if the real images alone give the labels "
        "away, this hides what the generated ones reveal.",
    ),
}
MOST_PICTURE_BYTES = 9_000_000
COMMAND = "snakemake --cores all --configfile this-configuration.yaml"
_VERDICT = ("dataset", "kind", "verdict", "text")

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
    tables: Mapping[str, Table],
    controls: Table,
    at_risk: Table,
    patients_at_risk: Table,
    run_files: Table,
    pictures: Iterable[Picture],
    dropped: Sequence[str],
    skipped: Sequence[Mapping],
    grey_levels: Sequence[Mapping] = (),
    made_by: Mapping,
) -> str:
    """Return the page as text.

    Args:
        benchmark: Its name.
        runs: How many combinations it has.
        tables: By name: "ablation", which can be sorted and filtered, and any others that the page knows.
        controls: The columns of `genprint.report.decisions.beside_controls`.
        at_risk: The columns of `genprint.report.decisions.most_at_risk`.
        patients_at_risk: Those of `genprint.report.decisions.patients_at_risk`.
        run_files: `genprint.tables.run_files.shown`; without rows it is left out.
        pictures: Figures named in `FIGURES`, in any order.
        dropped: Combinations that are not possible, with the reason.
        grey_levels: What those of each data set come from: dataset, how, warning.
        skipped: Files left out: dataset, file, reason.
        made_by: The provenance (`genprint.files.provenance`), with the completed configuration as parameter settings.
    """
    figures = _figures(pictures)
    cards = _cards(tables["verdicts"]) if "verdicts" in tables else []
    return _page(
        "page.html",
        script=True,
        benchmark=benchmark,
        runs=runs,
        verdicts=cards,
        answers=answers(tables) if cards else [],
        next_steps=_next_steps(cards, made_by["parameters"]["settings"]["datasets"]),
        controls=displayed(controls),
        at_risk=list(zip(_by_dataset(at_risk), _by_dataset(patients_at_risk), strict=True)),
        copies=copy_displays(tables),
        pictured_copies=[figure for figure in figures if figure["name"] in OF_COPIES],
        charts=[figure for figure in figures if figure["name"] not in (*OF_COPIES, *IMAGES)],
        galleries=[figure for figure in figures if figure["name"] in IMAGES],
        findings=[displayed(tables[name]) for name in FINDINGS if name in tables],
        run_files=displayed(run_files) if len(run_files.frame) else None,
        papers=[displayed(tables[name]) for name in TITLES if name in tables],
        ablation=browsable(tables["ablation"]),
        dropped=dropped,
        skipped=skipped,
        grey_levels=grey_levels,
        made_by=made_by,
        configuration=yaml.safe_dump(made_by["parameters"]["settings"], sort_keys=False, allow_unicode=True),
        command=COMMAND,
    )


def run_times_page(stages: pd.DataFrame, *, benchmark: str) -> str:
    """Return the page of what the jobs cost, apart from the report: no two runs take the same time.

    ``stages`` is as in `genprint.runtime.run_times.by_stage`.
    """
    return _page(
        "run_times.html", benchmark=benchmark, stages=displayed(Table("Run times per stage", ("stage",), stages))
    )


def _page(template: str, *, script: bool = False, **content: Any) -> str:
    style = (_FOLDER / "style.css").read_text(encoding="utf-8")
    code = (_FOLDER / "browse.js").read_text(encoding="utf-8") if script else ""
    policy = f"default-src 'none'; img-src data:; style-src {_hash(style)}; script-src {_hash(code)}"
    page = _ENVIRONMENT.get_template(template)
    return page.render(style=style, script=code, policy=policy, **content)


def _hash(text: str) -> str:
    """How a content security policy names an inline script or style."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _cards(verdicts: Table) -> list[dict]:
    """One card for each data set: the verdict, and the numbers behind it that are known."""
    numbers = verdicts.frame.drop(columns=list(_VERDICT))
    cards = []
    for place, row in enumerate(verdicts.frame[list(_VERDICT)].to_dict("records")):
        display = displayed(Table("", (), numbers.iloc[[place]]))
        values = zip((column.name for column in display.columns), display.rows[0], strict=True)
        cards.append(row | {"numbers": [(name, value) for name, value in values if value]})
    return cards


def _next_steps(cards: list[dict], datasets: Mapping[str, Mapping]) -> list[tuple[str, str, Sequence[str]]]:
    """Data sets, verdict and steps, of folders of images; a benchmark that knows the truth needs none."""
    owned = [card for card in cards if datasets.get(card["dataset"], {}).get("source") == "folder"]
    of_kind = {kind: [card["dataset"] for card in owned if card["kind"] == kind] for kind in Verdict}
    return [(", ".join(names), kind.words, NEXT_STEPS[kind]) for kind, names in of_kind.items() if names]


def _by_dataset(at_risk: Table) -> list[Display]:
    return [
        displayed(Table(str(dataset), at_risk.keys, rows.drop(columns="dataset")))
        for dataset, rows in at_risk.frame.groupby("dataset", sort=False)
    ]


def _figures(pictures: Iterable[Picture]) -> list[dict]:
    """In the order of `FIGURES`; those for which the page has no room have no source."""
    given = {Path(picture.file).stem: picture for picture in pictures}
    figures, room = [], MOST_PICTURE_BYTES
    for name in (name for name in FIGURES if name in given):
        source = _data_uri(given[name])
        fits = len(source) <= room
        room -= len(source) * fits
        figures.append(
            {
                "name": name,
                "title": FIGURES[name],
                "file": given[name].file,
                "caption": given[name].caption,
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
