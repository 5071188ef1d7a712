"""The images of a data set, as they are, generated, or as a variant. No rules here."""

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


def variant_images(dataset, variant, side):
    """The array with the images of a variant; the original images have no copy."""
    if SETTINGS["variants"][variant]["method"] == "original":
        return f"<results>/{dataset}/images/{side}.npy"
    return f"<results>/{dataset}/variants/{variant}/{side}.npy"


def variant_code(wildcards):
    """Version of the code behind a variant."""
    return version("variant.py", method_module("variants", wildcards.variant))


def variant_settings(wildcards):
    """Method and options of a variant."""
    return SETTINGS["variants"][wildcards.variant]


def generator_threads(wildcards):
    """Threads that a generator is configured for: its images depend on them."""
    return DATASETS[wildcards.dataset].get("generator", {}).get("threads", 1)


def generator_gpu(wildcards):
    """One GPU for a generator that can use it."""
    device = DATASETS[wildcards.dataset].get("generator", {}).get("device", "cpu")
    return int(device != "cpu")


def image_tables(side):
    """Tables of the images of every data set."""
    return [f"<results>/{dataset}/images/{side}.parquet" for dataset in DATASETS]
