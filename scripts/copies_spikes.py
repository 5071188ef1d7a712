"""Perturb real images in every way that is searched for, and put them through the search."""

from genprint.runtime.job import logged

with logged(snakemake.log[0]):
    from genprint.copies.recovery import SPIKE_PAIRS, search_spikes, spiked
    from genprint.files import provenance, read_array, read_table, write_table

    files, params = snakemake.input, snakemake.params
    originals = spiked(read_table(files.real_table), most=params.spikes)
    pairs = search_spikes(
        read_array(files.real), originals, nearest=params.nearest, seed=params.seed, threads=snakemake.threads
    )
    origin = provenance(code=params.code, seed=params.seed, nearest=params.nearest, spikes=params.spikes)
    write_table(snakemake.output.pairs, pairs, SPIKE_PAIRS, origin)
