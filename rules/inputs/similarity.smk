"""The pairs of a run, in blocks. No rules here."""


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


def all_blocks():
    """Every block of every pairing of every run."""
    return [
        file
        for run in PLAN.runs
        for pairing in pairings_of(run)
        for file in blocks_of(run, pairing)
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


def pairings_of_block(wildcards):
    """The pairing that a block is of."""
    return [wildcards.pairing]


def datasets_of_one_block():
    """Pattern of the names of the data sets whose images fit into one block."""
    block = SETTINGS["pairs"]["block"]
    return names_pattern(
        name for name in DATASETS if max(image_counts(name).values()) <= block
    )


def similarities_with(shortlist):
    """Pattern of the names of the similarities that compare the pairs of a shortlist only, or all pairs."""
    similarities = SETTINGS["similarities"]
    return names_pattern(
        name
        for name in similarities
        if ("shortlist" in similarities[name]) == shortlist
    )


def of_all_pairs(run):
    """The run that compares all pairs for this one: itself, or the one that makes its shortlist."""
    listed_by = SETTINGS["similarities"][run.similarity].get("shortlist")
    if not listed_by:
        return run
    return run._replace(
        encoder=listed_by["encoder"], similarity=listed_by["similarity"]
    )


def shortlist_block(wildcards):
    """The pairs of the same block, as the run that makes the shortlist found them."""
    run = of_all_pairs(run_of(wildcards))
    folder = f"<results>/{run.dataset}/similarity/{run.variant}/{run.encoder}/{run.similarity}"
    return f"{folder}/{wildcards.pairing}/{wildcards.block}.parquet"


def shortlist_code(wildcards):
    """Version of the code behind a similarity that compares the pairs of a shortlist."""
    return version("shortlist.py", method_module("similarities", wildcards.similarity))


def pairs_kept(wildcards):
    """How many of its most similar pairs (by the shortlist, if there is one) each image is sure to have; None for all."""
    shortlist = SETTINGS["similarities"][wildcards.similarity].get("shortlist")
    return shortlist["nearest"] if shortlist else SETTINGS["pairs"]["top"]


def image_methods():
    """The configured similarities that compare images, and all of them."""
    return {
        name: entry
        for name, entry in SETTINGS["similarities"].items()
        if "image" in declared(method_module("similarities", name))["ACCEPTS"]
        and "shortlist" not in entry
    }
