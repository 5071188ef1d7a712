"""Tell whether labels can be read from the real images alone."""

from genprint.runtime.job import logged

with logged(snakemake.log[0]):
    import pandas as pd

    from genprint.files import provenance, read_array, read_table, write_table
    from genprint.inference.blind import BLIND, blind_control

    files, params = snakemake.input, snakemake.params
    table = read_table(files.table)
    labelled = table["label"].isin(("used", "not_used")).to_numpy()
    used = (table["label"][labelled] == "used").to_numpy()
    control = blind_control(read_array(files.real)[labelled], used, table["group"][labelled], seed=params.seed)
    sizes = {"n_used": int(used.sum()), "n_not_used": int((~used).sum())}
    row = pd.DataFrame([{"dataset": snakemake.wildcards.dataset, **control._asdict(), **sizes}])
    write_table(snakemake.output[0], row, BLIND, provenance(code=params.code, seed=params.seed))
