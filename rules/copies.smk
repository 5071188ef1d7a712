"""Copies of real images in the release: searched for, told from chance, and listed."""


# As for similarities: the images of a small data set are searched in one job.
ruleorder: copies_search > copies_search_block


rule copies_search:
    """Find and align the most promising pairs of every pairing, where all images fit into one block."""
    input:
        unpack(COPIES.searched),
    output:
        expand(
            "<results>/{{dataset}}/copies/search/{pairing}/0-0.parquet",
            pairing=copies.PAIRINGS,
        ),
    log:
        "<logs>/{dataset}/copies/search.log",
    benchmark:
        "<benchmarks>/{dataset}/copies/search.tsv"
    wildcard_constraints:
        dataset=PLAN.dataset_pattern(one_block=True),
    conda:
        "../envs/genprint.yaml"
    threads: SETTINGS["pairs"]["threads"]
    resources:
        mem_mb=NEEDS.memory("copies"),
        runtime=NEEDS.minutes("copies"),
    params:
        code=VERSIONS.code("copies_search.py"),
        seed=SETTINGS["seed"],
        pairings=copies.PAIRINGS,
        block=SETTINGS["pairs"]["block"],
        nearest=SETTINGS["copies"]["nearest"],
    script:
        "../scripts/copies_search.py"


rule copies_search_block:
    """Find and align the most promising pairs of one block of a pairing."""
    input:
        unpack(COPIES.searched),
    output:
        "<results>/{dataset}/copies/search/{pairing}/{block}.parquet",
    log:
        "<logs>/{dataset}/copies/search/{pairing}/{block}.log",
    benchmark:
        "<benchmarks>/{dataset}/copies/search/{pairing}/{block}.tsv"
    conda:
        "../envs/genprint.yaml"
    threads: SETTINGS["pairs"]["threads"]
    resources:
        mem_mb=NEEDS.memory("copies"),
        runtime=NEEDS.minutes("copies"),
    params:
        code=VERSIONS.code("copies_search.py"),
        seed=SETTINGS["seed"],
        pairings=lambda wildcards: [wildcards.pairing],
        block=SETTINGS["pairs"]["block"],
        nearest=SETTINGS["copies"]["nearest"],
    script:
        "../scripts/copies_search.py"


rule copies_spikes:
    """Perturb real images in every way that is searched for, and put them through the search."""
    input:
        real="<results>/{dataset}/images/real.npy",
        real_table="<results>/{dataset}/images/real.parquet",
    output:
        pairs="<results>/{dataset}/copies/search/spikes.parquet",
    log:
        "<logs>/{dataset}/copies/spikes.log",
    benchmark:
        "<benchmarks>/{dataset}/copies/spikes.tsv"
    conda:
        "../envs/genprint.yaml"
    threads: SETTINGS["pairs"]["threads"]
    resources:
        mem_mb=NEEDS.memory("spikes"),
        runtime=NEEDS.minutes("spikes"),
    params:
        code=VERSIONS.code("copies_spikes.py"),
        seed=SETTINGS["seed"],
        nearest=SETTINGS["copies"]["nearest"],
        spikes=SETTINGS["copies"]["spikes"],
    script:
        "../scripts/copies_spikes.py"


rule copies_judgement:
    """Say which generated images are copies, of whom, and which perturbed copies would have been found."""
    input:
        unpack(COPIES.searched),
        unpack(COPIES.candidates),
        spikes="<results>/{dataset}/copies/search/spikes.parquet",
        pseudonyms=PUBLICATION.pseudonyms,
    output:
        **{
            table: f"<results>/{{dataset}}/copies/{table}.parquet"
            for table in copies.JUDGED
        },
    log:
        "<logs>/{dataset}/copies/judgement.log",
    benchmark:
        "<benchmarks>/{dataset}/copies/judgement.tsv"
    conda:
        "../envs/genprint.yaml"
    threads: SETTINGS["pairs"]["threads"]
    resources:
        mem_mb=NEEDS.memory("judgement"),
        runtime=NEEDS.minutes("judgement"),
    params:
        code=VERSIONS.code("copies_judgement.py"),
        seed=SETTINGS["seed"],
        pairings=copies.PAIRINGS,
        block=SETTINGS["pairs"]["block"],
        nearest=SETTINGS["copies"]["nearest"],
    script:
        "../scripts/copies_judgement.py"


rule copies_tables:
    """Write the tables about copies as csv, Markdown and LaTeX, and draw them."""
    input:
        **{table: COPIES.judged(table) for table in (*copies.TABLES, "nearest")},
    output:
        parquet=expand("<results>/tables/{table}.parquet", table=copies.TABLES),
        csv=[table(name) for name in copies.TABLES],
        md=expand("<results>/tables/{table}.md", table=copies.TABLES),
        tex=expand("<results>/tables/{table}.tex", table=copies.TABLES),
        chart_of_copies=figure("copies", "Copies"),
        chart_of_spikes=figure("spikes", "Copies"),
    log:
        "<logs>/copies_tables.log",
    benchmark:
        "<benchmarks>/copies_tables.tsv"
    conda:
        "../envs/genprint.yaml"
    threads: 1
    resources:
        **COLLECTING,
    params:
        code=VERSIONS.code("copies_tables.py"),
        seed=SETTINGS["seed"],
        names=copies.TABLES,
    script:
        "../scripts/copies_tables.py"


rule copies_gallery:
    """Draw copies beside the real images that they are copies of, of those data sets whose images may be shown."""
    input:
        copied=PLAN.dataset_files("copies/copied.parquet", PUBLICATION.pictured),
        real=PLAN.dataset_files("images/real.npy", PUBLICATION.pictured),
        generated=PLAN.dataset_files("images/generated.npy", PUBLICATION.pictured),
    output:
        figure(copies.GALLERY, "Copies"),
    log:
        "<logs>/copies_gallery.log",
    benchmark:
        "<benchmarks>/copies_gallery.tsv"
    conda:
        "../envs/genprint.yaml"
    threads: 1
    resources:
        mem_mb=growing(800, per_mb=0.1),
        runtime=growing(10, per_mb=0.01),
    params:
        code=VERSIONS.code("copies_gallery.py"),
        most=6,
    script:
        "../scripts/copies_gallery.py"


rule copies:
    """Search every release for copies of real images, and nothing else."""
    input:
        rules.copies_tables.output,
    localrule: True
