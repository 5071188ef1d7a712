"""Tell whether labels can be read from the real images alone, and how alike the generated images are to them."""

from genprint.runtime.job import logged

with logged(snakemake.log[0]):
    import pandas as pd

    from genprint.files import provenance, read_array, read_table, write_table
    from genprint.inference.blind import BLIND, blind_control
    from genprint.inference.fidelity import FIDELITY, fidelity

    files, params, dataset = snakemake.input, snakemake.params, snakemake.wildcards.dataset
    real, table = read_array(files.real), read_table(files.table)
    origin = provenance(code=params.code, seed=params.seed)
    labelled = table["label"].isin(("used", "not_used")).to_numpy()
    used = (table["label"][labelled] == "used").to_numpy()
    files_of = table.loc[labelled, ["bytes", "height", "width"]]
    control = blind_control(real[labelled], used, table["group"][labelled], files=files_of, seed=params.seed)
    sizes = {"n_used": int(used.sum()), "n_not_used": int((~used).sum())}
    row = {"dataset": dataset, **control._asdict(), **sizes}
    write_table(snakemake.output.blind, pd.DataFrame([row]), BLIND, origin)
    value, reason = fidelity(real, table["group"], read_array(files.generated), seed=params.seed)
    row = {"dataset": dataset, "fidelity": value, "reason": reason}
    write_table(snakemake.output.fidelity, pd.DataFrame([row]), FIDELITY, origin)
