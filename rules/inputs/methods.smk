"""Names and versions of methods, and patterns of the names of data sets. No rules here."""

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


def method_modules(section):
    """Modules of the methods behind all configured names of a section."""
    return [method_module(section, slug) for slug in SETTINGS[section]]


def names_pattern(names):
    """Pattern of some names; one that matches nothing if there are none."""
    return "|".join(names) or "[^a-z0-9-]+"


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


def calibrator(dataset):
    """The data set whose encoders and thresholds judge this one."""
    return DATASETS[dataset]["calibrated_by"] or dataset


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
