"""The ladders of leaks, and what is examined with them. No rules here."""


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
