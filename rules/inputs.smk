"""What the jobs of every stage need, found from their wildcards. No rules here."""


include: "inputs/methods.smk"
include: "inputs/images.smk"
include: "inputs/features.smk"
include: "inputs/similarity.smk"
include: "inputs/evaluation.smk"
include: "inputs/limits.smk"
include: "inputs/publication.smk"
include: "inputs/needs.smk"
