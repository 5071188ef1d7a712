"""What tables, figures, run files and the report are made from, and what they may show. No rules here."""


def reported_files():
    """The papers' own numbers, where they may be compared with."""
    names = [
        name
        for name in TABLES
        for year in SETTINGS["tables"]["reported"]
        if name.startswith(str(year))
    ]
    return [workflow.source_path(f"../../config/reported/{name}.csv") for name in names]


def audited_tables():
    """The papers' own tables that the audit has a description of."""
    description = Path(workflow.source_path("../../config/reported/audit.yaml"))
    names = yaml.safe_load(description.read_text(encoding="utf-8"))
    return [workflow.source_path(f"../../config/reported/{name}.csv") for name in names]


def audit_files():
    """The audit of the papers' tables, where our tables show them."""
    return rules.audit_reported.output if SETTINGS["tables"]["reported"] else []


def submission_files(wildcards):
    """The chosen run files of a data set."""
    folder = f"<results>/submissions/{wildcards.dataset}"
    return [
        f"{folder}/{file.name}.csv"
        for file in RUN_FILES
        if file.run.dataset == wildcards.dataset
    ]


def submission_archives():
    """One archive of run files for every data set that has any."""
    datasets = dict.fromkeys(file.run.dataset for file in RUN_FILES)
    return [f"<results>/submissions/{dataset}.zip" for dataset in datasets]


def submission_form():
    """How run files are written: the section `submissions` without its choice of runs."""
    form = SETTINGS["submissions"]
    return {key: value for key, value in form.items() if key != "runs"}


def may_be_shown(dataset):
    """Whether figures may show images of this data set."""
    allowed = SETTINGS["report"]["galleries"]
    if allowed == "phantom":
        return DATASETS[dataset].get("real") == "phantom"
    return allowed


def judged_runs(wildcards):
    """What every run of a data set says about each candidate."""
    runs_here = [run for run in PLAN.runs if run.dataset == wildcards.dataset]
    return {
        stage: [
            f"<results>/{run.dataset}/{stage}/{run.variant}/{run.encoder}/{run.similarity}.parquet"
            for run in runs_here
        ]
        for stage in ("scores", "thresholds", "nearest")
    }


def png(name, category):
    """A figure as PNG, which `snakemake --report` shows."""
    return report(
        f"<results>/figures/{name}.png",
        caption=f"../report/{name}.rst",
        category=category,
        labels={"figure": name},
    )


def figure(name, category):
    """A figure as PNG and as SVG."""
    return [png(name, category), f"<results>/figures/{name}.svg"]


def table(name):
    """A table as csv, which `snakemake --report` shows."""
    return report(
        f"<results>/tables/{name}.csv",
        caption="../report/tables.rst",
        category="Tables",
        labels={"table": name},
    )


def variants_with(datasets, noise):
    """Variants in the runs of some data sets that add noise to images (as do those compared with), or enhance them."""
    names = dict.fromkeys(run.variant for run in PLAN.runs if run.dataset in datasets)
    method = {name: SETTINGS["variants"][name]["method"] for name in names}
    return [
        name
        for name in names
        if method[name] == "original" or (name in noise_variants()) == noise
    ]


def noise_variants():
    """The configured variants that are noise."""
    return [
        name
        for name, entry in SETTINGS["variants"].items()
        if runs.draws_at_random(entry)
    ]


def shown_images():
    """The real and the generated images of every pictured variant, in turn."""
    return [
        variant_images(PICTURED[0], variant, side)
        for variant in PICTURED_VARIANTS
        for side in ("real", "generated")
    ]


def pseudonyms():
    """The table of pseudonyms, if real images are to have any."""
    return "<results>/pseudonyms.csv" if SETTINGS["report"]["pseudonyms"] else []


def told_settings():
    """The configuration as the page and Snakemake's report tell it: without file names, if images have pseudonyms."""
    hide = SETTINGS["report"]["pseudonyms"]
    return configuration.without_files(SETTINGS) if hide else SETTINGS


def captions(names):
    """What stands below each figure, on the page as in Snakemake's report."""
    return [workflow.source_path(f"../../report/{name}.rst") for name in names]
