"""List which combinations are done, failed or missing."""

from genprint.runtime.job import logged

with logged(snakemake.log[0]):
    from pathlib import Path

    from genprint.plan.runs import Run
    from genprint.runtime.states import listing, states

    params = snakemake.params
    print(listing(states([Run(*run) for run in params.runs], Path(params.results), Path(params.logs))))
