"""What the jobs of every stage need, found from their wildcards. No rules here."""

@cache
def version(script, *modules):
    """Version of a script, of all it imports, and of methods it loads by name."""
    return code_version(SCRIPTS / script, *modules)


def code(script, *modules):
    """The same as a parameter that is found when a job asks: a job on a cluster parses the rules of all, and asks once."""

    def of_job(wildcards):
        return version(script, *modules)

    return of_job


@cache
def method_module(section, slug):
    """Module of the method behind a configured name."""
    package = configuration.METHOD_SECTIONS[section]
    return registered(package)[SETTINGS[section][slug]["method"]]


def datasets_from(source):
    """Pattern of the names of the data sets with this kind of source."""
    return names_pattern(
        name for name in DATASETS if DATASETS[name]["source"] == source
    )


def datasets_calibrated(elsewhere):
    """Pattern of the names of the data sets that another one calibrates, or that calibrate themselves."""
    return names_pattern(
        name for name in DATASETS if (calibrator(name) != name) == elsewhere
    )


def names_pattern(names):
    """Pattern of some names; one that matches nothing if there are none."""
    return "|".join(names) or "[^a-z0-9-]+"


def calibrator(dataset):
    """The data set whose encoders and thresholds judge this one."""
    return DATASETS[dataset]["calibrated_by"] or dataset


@cache
def role_files(dataset):
    """Image files of a data set by role, in natural order; empty for the phantom."""
    settings = DATASETS[dataset]
    if settings["source"] == "folder":
        patterns = settings["roles"]
    else:
        patterns = {} if settings["real"] == "phantom" else {"real": settings["real"]}
    files = folder.list_files(patterns)
    try:
        folder.refuse_braces(files)
    except ValueError as error:
        raise WorkflowError(str(error))
    return files


@cache
def image_counts(dataset):
    """Real and generated images of a data set, before any is skipped."""
    settings, files = DATASETS[dataset], role_files(dataset)
    listed = sum(len(files[role]) for role in files if role != "generated")
    if settings["source"] == "folder":
        return {"real": listed, "generated": len(files["generated"])}
    phantom = SETTINGS["phantom"]
    real = (
        phantom["patients"] * phantom["slices"]
        if settings["real"] == "phantom"
        else listed
    )
    return {"real": real, "generated": settings["samples"]}


def annotation_files(dataset):
    """The csv files with labels or groups that a data set names."""
    annotations = (DATASETS[dataset].get(kind) for kind in ("labels", "groups"))
    return [annotation["file"] for annotation in annotations if annotation]


def compared_images(dataset, variant, encoder, side):
    """The array that a similarity compares: features, the images of a variant, or the images as they are."""
    if declared(method_module("encoders", encoder))["YIELDS"] == "vector":
        return f"<results>/{dataset}/features/{variant}/{encoder}/{side}.npy"
    return variant_images(dataset, variant, side)


def variant_images(dataset, variant, side):
    """The array with the images of a variant; the original images have no copy."""
    if SETTINGS["variants"][variant]["method"] == "original":
        return f"<results>/{dataset}/images/{side}.npy"
    return f"<results>/{dataset}/variants/{variant}/{side}.npy"


def blocks_of(run, pairing):
    """Files with the similarities of one pairing of a run."""
    counts = image_counts(run.dataset)
    left, right = SIDES[pairing]
    names = runs.blocks(
        counts[left], counts[right], SETTINGS["pairs"]["block"], symmetric=left == right
    )
    folder = f"<results>/{run.dataset}/similarity/{run.variant}/{run.encoder}/{run.similarity}/{pairing}"
    return [f"{folder}/{name}.parquet" for name in names]


def pairings_of(run):
    """Pairings that a run computes."""
    return [REAL_GENERATED, REAL_REAL] + (
        [GENERATED_GENERATED] if run in PLAN.generated_generated else []
    )


def runs_files(stage):
    """The file that a stage of evaluation writes for every run."""
    return [
        f"<results>/{run.dataset}/{stage}/{run.variant}/{run.encoder}/{run.similarity}.parquet"
        for run in PLAN.runs
    ]


def folder_files(wildcards):
    """All files that reading a folder depends on, by role."""
    return {
        **role_files(wildcards.dataset),
        "annotations": annotation_files(wildcards.dataset),
    }


def dataset_settings(wildcards):
    """The configuration of one data set."""
    return DATASETS[wildcards.dataset]


def controlled_files(wildcards):
    """The real images of a controlled data set: the phantom's array and table, or image files."""
    return real_images(wildcards.dataset)


def real_images(dataset):
    """The phantom's array and table, or image files with their annotations."""
    if DATASETS[dataset]["real"] == "phantom":
        return dict(rules.phantom.output.items())
    return {**role_files(dataset), "annotations": annotation_files(dataset)}


def controlled_code(wildcards):
    """Version of the code that makes a controlled data set, its generator included."""
    generator = DATASETS[wildcards.dataset]["generator"]["method"]
    return version("controlled_images.py", registered("genprint.generators")[generator])


def variant_code(wildcards):
    """Version of the code behind a variant."""
    return version("variant.py", method_module("variants", wildcards.variant))


def variant_settings(wildcards):
    """Method and options of a variant."""
    return SETTINGS["variants"][wildcards.variant]


def encoder_code(wildcards):
    """Version of the code behind an encoder."""
    return version("train.py", method_module("encoders", wildcards.encoder))


def encoding_code(wildcards):
    """Version of the code that extracts features."""
    return version("encode.py", method_module("encoders", wildcards.encoder))


def encoder_settings(wildcards):
    """Method and options of an encoder."""
    return SETTINGS["encoders"][wildcards.encoder]


def encoded_images(wildcards):
    """The images that an encoder is trained on, and those that it encodes."""
    return {
        side: variant_images(wildcards.dataset, wildcards.variant, side)
        for side in ("real", "generated")
    }


def pretrained_weights(wildcards):
    """The local file of weights that an encoder starts from, if its configuration names one."""
    return SETTINGS["encoders"][wildcards.encoder].get("pretrained") or []


def trained_weights(wildcards):
    """Weights of an encoder, trained on the data set that calibrates this one."""
    dataset = calibrator(wildcards.dataset)
    return f"<results>/{dataset}/features/{wildcards.variant}/{wildcards.encoder}/weights.safetensors"


def all_features():
    """Features of every run whose encoder extracts any."""
    return [
        compared_images(run.dataset, run.variant, run.encoder, side)
        for run in PLAN.runs
        for side in ("real", "generated")
    ]


def similarity_code(wildcards):
    """Version of the code behind a similarity."""
    return version("similarity.py", method_module("similarities", wildcards.similarity))


def similarity_settings(wildcards):
    """Method and options of a similarity."""
    return SETTINGS["similarities"][wildcards.similarity]


def compared_sides(wildcards, sides):
    """The arrays of some sides of a data set that a similarity compares, and their tables."""
    dataset, variant, encoder = (
        wildcards.dataset,
        wildcards.variant,
        wildcards.encoder,
    )
    arrays = {side: compared_images(dataset, variant, encoder, side) for side in sides}
    tables = {
        f"{side}_table": f"<results>/{dataset}/images/{side}.parquet" for side in sides
    }
    return arrays | tables


def compared(wildcards):
    """What a block of a pairing compares."""
    return compared_sides(wildcards, SIDES[wildcards.pairing])


def compared_by_run(wildcards):
    """What the pairings that a run is scored by compare."""
    return compared_sides(wildcards, SIDES[REAL_GENERATED])


def similarities_with(shortlist):
    """Pattern of the names of the similarities that compare the pairs of a shortlist only, or all pairs."""
    similarities = SETTINGS["similarities"]
    return names_pattern(
        name
        for name in similarities
        if ("shortlist" in similarities[name]) == shortlist
    )


def shortlist_block(wildcards):
    """The pairs of the same block, as the similarity that makes the shortlist found them."""
    listed_by = SETTINGS["similarities"][wildcards.similarity]["shortlist"]
    folder = f"<results>/{wildcards.dataset}/similarity/{wildcards.variant}"
    return f"{folder}/{listed_by['encoder']}/{listed_by['similarity']}/{wildcards.pairing}/{wildcards.block}.parquet"


def shortlist_code(wildcards):
    """Version of the code behind a similarity that compares the pairs of a shortlist."""
    return version("shortlist.py", method_module("similarities", wildcards.similarity))


def pairs_kept(wildcards):
    """How many of its most similar pairs each image is sure to have; None for all."""
    shortlist = SETTINGS["similarities"][wildcards.similarity].get("shortlist")
    return shortlist["nearest"] if shortlist else SETTINGS["pairs"]["top"]


def pairings_of_block(wildcards):
    """The pairing that a block is of."""
    return [wildcards.pairing]


def datasets_of_one_block():
    """Pattern of the names of the data sets whose images fit into one block."""
    block = SETTINGS["pairs"]["block"]
    return names_pattern(
        name for name in DATASETS if max(image_counts(name).values()) <= block
    )


def feature_calibration(wildcards):
    """Constants that features are compared with; images need none."""
    if declared(method_module("encoders", wildcards.encoder))["YIELDS"] == "image":
        return []
    dataset = calibrator(wildcards.dataset)
    return f"<results>/{dataset}/features/{wildcards.variant}/{wildcards.encoder}/calibration.npz"


def all_blocks():
    """Every block of every pairing of every run."""
    return [
        file
        for run in PLAN.runs
        for pairing in pairings_of(run)
        for file in blocks_of(run, pairing)
    ]


def run_of(wildcards):
    """The run that a job's wildcards name."""
    return runs.Run(
        wildcards.dataset, wildcards.variant, wildcards.encoder, wildcards.similarity
    )


def evidence(wildcards):
    """The similarities that a run is scored by."""
    run = run_of(wildcards)
    return {
        "real_generated": blocks_of(run, REAL_GENERATED),
        "real_real": blocks_of(run, REAL_REAL),
    }


def calibrated_thresholds(wildcards):
    """Thresholds of the same run on the data set that calibrates this one, if that is another."""
    run = run_of(wildcards)
    if calibrator(run.dataset) == run.dataset:
        return []
    other = f"<results>/{calibrator(run.dataset)}"
    return f"{other}/thresholds/{run.variant}/{run.encoder}/{run.similarity}.parquet"


def significance_files(wildcards):
    """Tables of all runs of a data set, and the metrics of the same runs where their thresholds were chosen."""
    files = {"scores": [], "thresholds": [], "calibration": []}
    for run in PLAN.runs:
        if run.dataset == wildcards.dataset:
            name = f"{run.variant}/{run.encoder}/{run.similarity}.parquet"
            for stage in ("scores", "thresholds"):
                files[stage].append(f"<results>/{run.dataset}/{stage}/{name}")
            files["calibration"].append(
                f"<results>/{calibrator(run.dataset)}/metrics/{name}"
            )
    return files


def identical(wildcards):
    """The similarity of an image with itself."""
    return declared(method_module("similarities", wildcards.similarity))["IDENTICAL"]


def all_pairings(wildcards):
    """The similarities of a run, by pairing."""
    run = run_of(wildcards)
    return {
        pairing.replace("-", "_"): blocks_of(run, pairing)
        for pairing in pairings_of(run)
    }


def dataset_files(table):
    """The file that inference writes for every data set with runs."""
    datasets = dict.fromkeys(run.dataset for run in PLAN.runs)
    return [f"<results>/{dataset}/{table}.parquet" for dataset in datasets]


def statistics_files():
    """Statistics of the runs that compare every pairing."""
    return [
        f"<results>/{run.dataset}/statistics/{run.variant}/{run.encoder}/{run.similarity}.parquet"
        for run in PLAN.runs
        if run in PLAN.generated_generated
    ]


def image_tables(side):
    """Tables of the images of every data set."""
    return [f"<results>/{dataset}/images/{side}.parquet" for dataset in DATASETS]


def reported_files():
    """The papers' own numbers, where they may be compared with."""
    names = [
        name
        for name in TABLES
        for year in SETTINGS["tables"]["reported"]
        if name.startswith(str(year))
    ]
    return [workflow.source_path(f"../config/reported/{name}.csv") for name in names]


def audited_tables():
    """The papers' own tables that the audit has a description of."""
    description = Path(workflow.source_path("../config/reported/audit.yaml"))
    names = yaml.safe_load(description.read_text(encoding="utf-8"))
    return [workflow.source_path(f"../config/reported/{name}.csv") for name in names]


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


def runs_of(wildcards):
    """Variant, encoder and similarity of every run of a data set."""
    return [list(run[1:]) for run in PLAN.runs if run.dataset == wildcards.dataset]


def judged_runs(wildcards):
    """What every run of a data set says about each candidate, and the similarities behind it."""
    runs_here = [run for run in PLAN.runs if run.dataset == wildcards.dataset]
    found = {
        stage: [
            f"<results>/{run.dataset}/{stage}/{run.variant}/{run.encoder}/{run.similarity}.parquet"
            for run in runs_here
        ]
        for stage in ("scores", "thresholds")
    }
    blocks = [file for run in runs_here for file in blocks_of(run, REAL_GENERATED)]
    return found | {"similarities": blocks}


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
    noisy = ("gaussian-noise", "salt-pepper")
    names = dict.fromkeys(run.variant for run in PLAN.runs if run.dataset in datasets)
    method = {name: SETTINGS["variants"][name]["method"] for name in names}
    return [
        name
        for name in names
        if method[name] == "original" or (method[name] in noisy) == noise
    ]


def shown_images():
    """The real and the generated images of every pictured variant, in turn."""
    return [
        variant_images(PICTURED[0], variant, side)
        for variant in PICTURED_VARIANTS
        for side in ("real", "generated")
    ]


def limit_tables():
    """The tables of the limits of detection, if the configuration asks for any."""
    return rules.limit_tables.output if SETTINGS["limits"] else []


def limits_file():
    """The limits of detection as Parquet, likewise."""
    return rules.limit_tables.output.limits if SETTINGS["limits"] else []


def limits_asked_for(wildcards):
    """The same, but a configuration without limits is a mistake."""
    if not SETTINGS["limits"]:
        raise WorkflowError(
            "This configuration has no limits to find: add a section `limits` like that of config/limits.yaml."
        )
    return rules.limit_tables.output


def limits_setting(name):
    """One value of the section `limits`; None without the section."""
    return SETTINGS["limits"] and SETTINGS["limits"][name]


def limits_dataset():
    """What the limits take over from their data set: everything but its generator."""
    kept = ("real", "groups", "shares", "samples")
    if not SETTINGS["limits"]:
        return None
    return {name: DATASETS[SETTINGS["limits"]["dataset"]][name] for name in kept}


def examined_images(wildcards):
    """The real images whose limits of detection are found."""
    return real_images(SETTINGS["limits"]["dataset"])


def examined_methods(wildcards):
    """Variant, encoder and similarity of every run on the data set of the limits."""
    dataset = SETTINGS["limits"]["dataset"]
    return [list(run[1:]) for run in PLAN.runs if run.dataset == dataset]


def examined_settings(wildcards):
    """The configuration of the examined methods, and of what they have in common."""
    chosen = zip(*examined_methods(wildcards))
    methods = {
        section: {slug: SETTINGS[section][slug] for slug in sorted(set(slugs))}
        for section, slugs in zip(configuration.METHOD_SECTIONS, chosen)
    }
    common = {section: SETTINGS[section] for section in ("features", "scores")}
    return methods | common | {"pairs": {"device": SETTINGS["pairs"]["device"]}}


def ladder_settings(wildcards):
    """Generator, varied option, levels and scale of a ladder."""
    return SETTINGS["limits"]["ladders"][wildcards.ladder]


def ladder_code(wildcards):
    """Version of the code behind the trials of a ladder: its generator, and every method that is examined."""
    generator = ladder_settings(wildcards)["generator"]["method"]
    methods = [
        method_module(section, slug)
        for names in examined_methods(wildcards)
        for section, slug in zip(configuration.METHOD_SECTIONS, names)
    ]
    return version(
        "limit_trials.py",
        registered("genprint.generators")[generator],
        *dict.fromkeys(methods),
    )


def trial_files():
    """Trials of all ladders, in blocks of splits."""
    limits = SETTINGS["limits"] or {"ladders": [], "seeds": 0, "seeds_per_job": 1}
    size = limits["seeds_per_job"]
    blocks = [
        f"{first}-{min(first + size, limits['seeds']) - 1}"
        for first in range(0, limits["seeds"], size)
    ]
    return [
        f"<results>/limits/{ladder}/{block}.parquet"
        for ladder in limits["ladders"]
        for block in blocks
    ]


def image_methods():
    """The configured similarities that compare images."""
    return {
        name: entry
        for name, entry in SETTINGS["similarities"].items()
        if "image" in declared(method_module("similarities", name))["ACCEPTS"]
        and "shortlist" not in entry
    }


def all_code(wildcards):
    """Version of every script, of all that they import, and of every configured method."""
    generators = registered("genprint.generators")
    entries = [
        entry["generator"] for entry in DATASETS.values() if "generator" in entry
    ]
    return code_version(
        *sorted(SCRIPTS.glob("*.py")),
        *(
            method
            for section in configuration.METHOD_SECTIONS
            for method in method_modules(section)
        ),
        *(generators[entry["method"]] for entry in entries),
    )


def method_modules(section):
    """Modules of the methods behind all configured names of a section."""
    return [method_module(section, slug) for slug in SETTINGS[section]]


def pseudonyms():
    """The table of pseudonyms, if real images are to have any."""
    return "<results>/pseudonyms.csv" if SETTINGS["report"]["pseudonyms"] else []


def told_settings():
    """The configuration as the page and Snakemake's report tell it: without file names, if images have pseudonyms."""
    hide = SETTINGS["report"]["pseudonyms"]
    return configuration.without_files(SETTINGS) if hide else SETTINGS


def captions(names):
    """What stands below each figure, on the page as in Snakemake's report."""
    return [workflow.source_path(f"../report/{name}.rst") for name in names]


def job_size(wildcards, threads):
    """What the needs of a job depend on: those of its data set, or of all together."""
    return size_of(
        [wildcards.dataset] if "dataset" in wildcards.keys() else DATASETS, threads
    )


def size_of(datasets, threads):
    """The images of some data sets together, and what the configuration says about jobs."""
    counts = [image_counts(name) for name in datasets]
    side = SETTINGS["images"]["size"] or needs.UNKNOWN_SIDE
    return needs.Size(
        real=sum(count["real"] for count in counts),
        generated=sum(count["generated"] for count in counts),
        pixels=side**2,
        runs=len(PLAN.runs),
        block=SETTINGS["pairs"]["block"],
        top=SETTINGS["pairs"]["top"],
        threads=threads,
    )


def ladder_size(wildcards, threads):
    """What the needs of a job with trials depend on: images of all levels, methods times splits, trained encoders."""
    methods = examined_methods(wildcards)
    trained = {
        (variant, encoder)
        for variant, encoder, _ in methods
        if declared(method_module("encoders", encoder))["TRAINED"]
    }
    first, last = map(int, wildcards.splits.split("-"))
    splits, levels = last - first + 1, len(ladder_settings(wildcards)["levels"]) + 1
    size = size_of([SETTINGS["limits"]["dataset"]], threads)
    return size._replace(
        generated=levels * size.generated,
        runs=splits * len(methods),
        trainings=splits * len(trained),
    )


def memory(stage, of=job_size):
    """What a job of a stage asks for in MB, twice as much with every attempt."""

    def of_job(wildcards, threads, attempt):
        return needs.megabytes(stage, of(wildcards, threads)) << (attempt - 1)

    return of_job


def minutes(stage, of=job_size):
    """What a job of a stage asks for in minutes, twice as much with every attempt."""

    def of_job(wildcards, threads, attempt):
        return needs.minutes(stage, of(wildcards, threads)) << (attempt - 1)

    return of_job


def encoder_threads(wildcards):
    """Threads that an encoder is configured for: its weights depend on them."""
    return SETTINGS["encoders"][wildcards.encoder].get("threads", 1)


def generator_threads(wildcards):
    """Threads that a generator is configured for: its images depend on them."""
    return DATASETS[wildcards.dataset].get("generator", {}).get("threads", 1)


def generator_gpu(wildcards):
    """One GPU for a generator that can use it."""
    device = DATASETS[wildcards.dataset].get("generator", {}).get("device", "cpu")
    return int(device != "cpu")


# For comparing images and for encoders; where this machine has none, or the profile grants none, it becomes 0.
GPU = int(SETTINGS["pairs"]["device"] != "cpu")
