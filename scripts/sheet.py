"""Draw some of the images that a trial made, beside those that its generator was trained on."""

from genprint.runtime.job import logged

with logged(snakemake.log[0]):
    from genprint.files import read_constants
    from genprint.report.figures import save
    from genprint.report.figures.images import image_sheet

    save(image_sheet(read_constants(snakemake.input.samples)), snakemake.output.png)
