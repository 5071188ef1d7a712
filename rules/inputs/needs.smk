"""The memory and time that a job asks for. No rules here."""

# For comparing images and for encoders; where this machine has none, or the profile grants none, it becomes 0.
GPU = int(SETTINGS["pairs"]["device"] != "cpu")


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


def network_size(encoder):
    """What training an encoder takes beside its images, as its file declares it."""
    entry = SETTINGS["encoders"][encoder]
    facts = declared(method_module("encoders", encoder)).get("MEMORY", {})
    return {
        "weights": facts.get("weights", 0),
        "activations": facts.get("activations", 0) * entry.get("batch", 1),
        "epochs": entry.get("epochs", 1),
    }


def encoder_size(wildcards, threads):
    """What the needs of a job with an encoder depend on."""
    return job_size(wildcards, threads)._replace(**network_size(wildcards.encoder))


def run_size(wildcards, threads):
    """What the needs of a job with the pairs of one run depend on."""
    kept = pairs_kept(wildcards)
    return job_size(wildcards, threads)._replace(top=kept, nearest=kept)


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
    networks = [network_size(encoder) for _, encoder in trained]
    size = size_of([SETTINGS["limits"]["dataset"]], threads)
    return size._replace(
        weights=max((network["weights"] for network in networks), default=0),
        activations=max((network["activations"] for network in networks), default=0),
        epochs=max((network["epochs"] for network in networks), default=0),
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
