"""One HTML page with everything a benchmark found; it needs no other file and no network."""

import base64

import jinja2
import pandas as pd

TITLES = {
    "verdicts": "Verdicts",
    "selection": "The best of all combinations, chosen on calibration and (optimistic) on evaluation images",
    "2024-table-1": "3-SSIM between and within the sets (Table 1 of 2024)",
    "2024-table-2": "Noise and similarity (Table 2 of 2024)",
    "2024-table-3": "Each data set and their mean (Table 3 of 2024)",
    "2025-table-1": "Images (Table 1 of 2025)",
    "2025-table-2": "Enhancement as really used (Table 2 of 2025)",
    "2025-table-3": "Encoder and similarity (Table 3 of 2025)",
    "ablation": "All combinations",
}
FIGURES = {
    "auc": "AUC of every run beside its real-only control, evaluation half. 0.5 is a coin toss.",
    "images": "The first images of every kind.",
    "variants": "What noise and enhancement make of them.",
}
LONGEST = 500

# Autoescaping is on: ids and file names come from outside.
_TEMPLATE = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string("""\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>genprint: {{ benchmark }}</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; color: #1b1f24; }
  h1, h2 { line-height: 1.2; } h2 { margin-top: 3rem; border-bottom: 1px solid #d0d7de; }
  figure { margin: 1.5rem 0; } img { max-width: 100%; } figcaption, .note { color: #57606a; }
  .wide { overflow-x: auto; max-height: 40rem; overflow-y: auto; }
  table { border-collapse: collapse; font-size: .85rem; font-variant-numeric: tabular-nums; }
  th, td { padding: .25rem .6rem; border-bottom: 1px solid #d0d7de; text-align: left; white-space: nowrap; }
  th { position: sticky; top: 0; background: #f6f8fa; }
</style>
<h1>Does the generator give its training images away?</h1>
<p>Benchmark <b>{{ benchmark }}</b>: {{ runs }} combinations of data set, variant, encoder and similarity.
For each, thresholds were chosen on the calibration half of the labelled images and judged on the other half.
Beside each method stand two answers that need no generated image: everything is called “used”, and <i>real-only</i>,
the same method with the generated images replaced by the other real ones. A method that does no better than these
has found nothing; that nothing was found does not show that nothing leaks.</p>
{% for figure in figures %}
<figure><img alt="{{ figure.caption }}" src="data:image/png;base64,{{ figure.data }}">
<figcaption>{{ figure.caption }}</figcaption></figure>
{% endfor %}
{% for table in tables %}
<h2>{{ table.title }}</h2>
{% if table.more %}
<p class="note">The first {{ table.rows | length }} rows; {{ table.more }} more are in the csv file.</p>
{% endif %}
<div class="wide"><table>
<tr>{% for name in table.columns %}<th>{{ name }}</th>{% endfor %}</tr>
{% for row in table.rows %}
<tr>{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>
{% endfor %}
</table></div>
{% endfor %}
<h2>Left out</h2>
{% if dropped or skipped %}
<ul>
{% for line in dropped %}<li>{{ line }}</li>{% endfor %}
{% for line in skipped %}<li>{{ line.dataset }}: {{ line.file }}: {{ line.reason }}</li>{% endfor %}
</ul>
{% else %}
<p>Nothing: every image was read and every combination is possible.</p>
{% endif %}
<h2>How this was made</h2>
<pre>{{ configuration }}</pre>
</html>
""")


def report(
    *,
    benchmark: str,
    runs: int,
    tables: dict[str, pd.DataFrame],
    figures: dict[str, bytes],
    dropped: list[str],
    skipped: list[dict],
    configuration: str,
) -> str:
    """The page as text.

    ``tables`` and ``figures`` (PNG bytes) are shown in their order under their names, a table up to `LONGEST` rows.
    ``skipped`` has the keys dataset, file, reason. Nothing in it depends on the time of day.
    """
    shown = [
        {
            "title": title,
            "more": max(0, len(table) - LONGEST),
            "columns": list(table.columns),
            "rows": [
                ["" if pd.isna(cell) else cell for cell in row] for row in table.head(LONGEST).itertuples(index=False)
            ],
        }
        for title, table in tables.items()
    ]
    pictures = [{"caption": caption, "data": base64.b64encode(png).decode()} for caption, png in figures.items()]
    return _TEMPLATE.render(
        benchmark=benchmark,
        runs=runs,
        tables=shown,
        figures=pictures,
        dropped=dropped,
        skipped=skipped,
        configuration=configuration,
    )
