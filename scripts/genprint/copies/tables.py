"""The schemas of the tables about copies."""

import pyarrow as pa

from genprint.columns import COUNT, DATASET, IMAGE_ID, LABEL, NUMBER, TEXT, bounds, column, schema

FLAG = pa.bool_()

_MOVES = (
    column("shift_x", NUMBER, "how far the copy is moved to the right, in sides"),
    column("shift_y", NUMBER, "how far it is moved down, in sides"),
    column("angle", NUMBER, "by how many degrees it is turned anticlockwise"),
    column("scale", NUMBER, "by how much it is enlarged"),
    column("mirrored", FLAG, "whether left and right are exchanged"),
    column("inverted", FLAG, "whether dark and bright are exchanged"),
    column("overlap", NUMBER, "share of the area of either image that lies over the other"),
)

RELEASE = schema(
    "a row for each generated image",
    *(DATASET, IMAGE_ID),
    column("nearest", TEXT, "the used or unknown image most similar to it; null where none is among its candidates"),
    column("patient", TEXT, "the patient of that image"),
    column("similarity", NUMBER, "registered similarity of the two, 1 for equal pixels"),
    column("p", NUMBER, "how often a release without copies comes this near to any patient by chance"),
    column("q", NUMBER, "false discovery rate if everything as near or nearer is called a copy"),
    column("copy_of", TEXT, "the real image that it is a copy of, or null"),
    column(
        "authentic",
        NUMBER,
        "1 if that real image is nearer to one of another patient than to this image, else 0 (Alaa et al. 2022, arXiv "
        "2102.08921); null where there is no such image",
    ),
    column("duplicates", COUNT, "how many generated images are this one, itself included"),
    column("action", TEXT, "withhold (a copy: q at most 0.05, or the pixels of a real image) or publish"),
)

EXPOSED = schema(
    "a row for each patient, and then for each real image, that has a copy",
    DATASET,
    column("unit", TEXT, "patient or image"),
    column("id", TEXT, "the patient or the image"),
    column("patient", TEXT, "the patient"),
    LABEL,
    column("copies", COUNT, "how many generated images are copies of it"),
    column("exact", COUNT, "how many of them have its pixels"),
    column("similarity", NUMBER, "registered similarity of the nearest of them"),
    column("generated", TEXT, "the nearest of them"),
    *_MOVES,
)


def _share(name: str, count: str, of: str) -> tuple[pa.Field, ...]:
    return (
        column(name, COUNT, count),
        column(f"{name}_of", COUNT, of),
        column(f"{name}_share", NUMBER, f"`{name}` by `{name}_of`"),
        *bounds(f"{name}_share"),
    )


COPIES = schema(
    "a row for each data set",
    DATASET,
    column("real_images", COUNT, "real images"),
    column("generated_images", COUNT, "generated images"),
    column("patients", COUNT, "patients, or groups of images that are alike where patients are unknown"),
    column("patients_known", FLAG, "whether patients were named"),
    column("largest_patient", COUNT, "images of the patient with most of them"),
    column("distinct_generated", COUNT, "clusters of generated images that are one image"),
    column("exact_copies", COUNT, "generated images with the pixels of a real one"),
    *_share("n_mem", "used and unknown images that have a copy (N_mem)", "used and unknown images"),
    *_share("n_copies", "generated images that are copies (N_copies)", "generated images"),
    *_share("patients_exposed", "patients of used or unknown images who have a copy", "patients of these"),
    column("least_copy_similarity", NUMBER, "registered similarity of the least alike copy; null where there is none"),
    column("largest_copy_similarity", NUMBER, "that of the most alike one"),
    column("patients_copied", COUNT, "patients who have a copy, those said not to be used included"),
    column("unused_images_copied", COUNT, "not used and held-out images that have a copy"),
    column("false_discovery_rate", NUMBER, "the largest q of a copy that has not the pixels of a real image"),
    column("competition", NUMBER, "the same by target-decoy competition, where about as many images are not used"),
    column("chance", TEXT, "what chance was learnt from: not used, real images, or none"),
    column("chance_patients", COUNT, "patients it was learnt from"),
    column("tail_excesses", COUNT, "of these, those above the threshold of the tail"),
    column("tail_scale", NUMBER, "scale of the exponential tail, in Fisher's z"),
    column("tail_fit_p", NUMBER, "p of the tail being no heavier than that"),
    column("tail_held", FLAG, "whether chance could be learnt"),
    column("least_similarity", NUMBER, "similarity from which on a lone copy of the median patient is flagged"),
    column("left_out", TEXT, "patients with used and not used images, who say nothing about chance"),
    column("unused_patients_copied", TEXT, "patients said not to be used who have a copy"),
    column("alike", TEXT, "pairs of patients whose images are as alike as those of one"),
    column("repeated", TEXT, "real images that occur more than once in a role, by role"),
    column("labels_swapped", FLAG, "whether the release is nearer to patients not used than to used ones"),
    column("reason", TEXT, "why nothing can be said of chance; empty where something can"),
)

SPIKES = schema(
    "a row for each kind and strength of perturbation, and one for all",
    DATASET,
    column("kind", TEXT, "how used images were perturbed; all for every kind together"),
    column("strength", TEXT, "how much, in the unit of the kind (`genprint.images.perturbations.KINDS`)"),
    column("n", COUNT, "perturbed copies put through the search"),
    column("recovered", COUNT, "those that would have been flagged, each alone in the release"),
    column("share", NUMBER, "`recovered` by `n`"),
    column("low", NUMBER, "lower bound of Wilson's 95 % interval by patient"),
    column("high", NUMBER, "upper bound of it"),
)
