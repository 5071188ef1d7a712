"""Columns of the Parquet tables: how a table is declared, and the columns that several tables share.

The schema of a table stands beside the function that makes it. `genprint.files.write_table` holds every table to its
schema, and docs/artifacts.md is made of the schemas.
"""

import pyarrow as pa

TEXT, NUMBER, COUNT = pa.string(), pa.float64(), pa.int64()


def column(name: str, kind: pa.DataType, description: str) -> pa.Field:
    """Declare a column: its name, its type, and what its values mean."""
    return pa.field(name, kind, metadata={"description": description})


def schema(description: str, *columns: pa.Field) -> pa.Schema:
    """Declare a table: what its rows are, and its columns in their order."""
    return pa.schema(columns, metadata={"description": description})


def description(declared: pa.Field | pa.Schema) -> str:
    """Return what was declared about a column or a table."""
    return declared.metadata[b"description"].decode()


def bounds(name: str) -> tuple[pa.Field, pa.Field]:
    """Declare the columns of the 95 % interval of another column."""
    sides = {"low": "lower", "high": "upper"}
    low, high = (
        column(f"{name}_{side}", NUMBER, f"{word} bound of the 95 % interval of `{name}`")
        for side, word in sides.items()
    )
    return low, high


IMAGE_ID = column("image_id", TEXT, "name of the image: its file without folder and extension")
FILE = column("file", TEXT, "where the image was read; null for images that come from no file")
SHA256 = column("sha256", TEXT, "hash of the bytes of the file, or of the pixels where there is none")
BYTES = column("bytes", COUNT, "size of the file; null where there is none")
HEIGHT = column("height", COUNT, "of the image in its file, in pixels; null where there is none")
WIDTH = column("width", COUNT, "of the image in its file, in pixels; null where there is none")
GROUP = column("group", TEXT, "the patient")
LABEL = column("label", TEXT, "used, not_used, unknown, held_out or generated")
SPLIT = column(
    "split",
    TEXT,
    "fold-1 to fold-3, or the half (calibration, evaluation), that a labelled image is in; null for other images",
)

DATASET = column("dataset", TEXT, "name of the data set in the configuration")
VARIANT = column("variant", TEXT, "name of the variant in the configuration")
ENCODER = column("encoder", TEXT, "name of the encoder in the configuration")
SIMILARITY = column("similarity", TEXT, "name of the similarity in the configuration")
RUN = (VARIANT, ENCODER, SIMILARITY)

SOURCE = column(
    "source", TEXT, "generated (the method), or real-only (the control: other real images in place of the generated)"
)
RULE = column("rule", TEXT, "score rule")
SCORE = column("score", NUMBER, "larger = more likely used; null where the rule has none")
THRESHOLD_RULE = column("threshold_rule", TEXT, "threshold rule")
THRESHOLD = column(
    "threshold", NUMBER, "an image with at least this score is called used; null where the rule finds none"
)

P = column("p", NUMBER, "one-sided permutation p")
P_CORRECTED = column("p_corrected", NUMBER, "the same, corrected for all combinations tried (max-T)")
GROUPS_USED = column("groups_used", COUNT, "patients with used images")
GROUPS_NOT_USED = column("groups_not_used", COUNT, "patients with not used images")
LADDER = column("ladder", TEXT, "name of the ladder of leaks in the configuration")
LEVEL = column("level", NUMBER, "value of the option that the ladder varies; null for the generator that leaks nothing")
