"""Put every generated image to the real set that it is nearest to, and ask the same of real images first."""

from genprint.runtime.job import logged

with logged(snakemake.log[0]):
    import numpy as np
    import pandas as pd

    from genprint.encoders import encode, reduced
    from genprint.files import write_text
    from genprint.images.folder import Annotation
    from genprint.images.reading import read_images
    from genprint.inference.identification import Sets, accuracies, nearest_sets, sentence
    from genprint.plan.runs import method_options
    from genprint.tables.table import Table, render

    files, params = snakemake.input, snakemake.params
    groups = params.groups and Annotation(**params.groups)
    sides = {"real": [], "generated": [], "unknown": []}
    for role, patterns in params.patterns.items():
        side, _, name = role.partition("-")
        patients = groups if side == "real" else None
        found = read_images({role: files.get(role)}, patterns={role: patterns}, groups=patients, **params.images)
        features = encode(
            params.encoder["method"], found.images, {}, device=params.device, **method_options(params.encoder)
        )
        if features.ndim == 3:  # images themselves: what tells sets apart is coarse
            features = reduced(features, 64).reshape(len(features), -1).astype(np.float32)
        table = found.table.assign(set=name or None)
        if groups is None:  # images of the same name in two folders are not of one patient
            table["group"] = f"{role}/" + table["image_id"]
        sides[side].append((features, table))
    features = {side: np.concatenate([one for one, _ in parts]) for side, parts in sides.items() if parts}
    tables = {side: pd.concat([one for _, one in parts]) for side, parts in sides.items() if parts}
    real = Sets(features["real"], tables["real"]["set"].to_numpy(str), tables["real"]["group"].to_numpy(str))
    generated, truth = np.empty((0, real.features.shape[1]), np.float32), []
    if "generated" in features:
        generated, truth = features["generated"], tables["generated"]["set"].tolist()
    accuracy = accuracies(real, generated, truth, permutations=params.permutations, seed=params.seed)
    told = sentence(accuracy)
    print(told)
    for form, text in render(Table("Which set trained the generator", ("images", "rule"), accuracy, (told,))).items():
        if form in ("csv", "md"):
            write_text(snakemake.output[form], text)
    predictions = [
        tables[side][["file", "set"]].reset_index(drop=True).join(nearest_sets(real, features[side]))
        for side in ("generated", "unknown")
        if side in features
    ]
    named = pd.concat(predictions) if predictions else pd.DataFrame(columns=["file", "set"])
    write_text(snakemake.output.predictions, named.to_csv(index=False, lineterminator="\n"))
