"""Check a run file against the images that it must decide on. No rule of the workflow calls this; a person does:

python scripts/validate_run_file.py run.csv --images data/imageclef2025/test/real_unknown --preset imageclef2025
"""

import argparse
import glob
import sys
from pathlib import Path

from genprint.images.folder import ImageError, list_files, list_images
from genprint.tables.submissions import PRESETS, SEPARATORS, check_run_file, decoded, run_format

parser = argparse.ArgumentParser(description="Check a run file against the images that it must decide on.")
parser.add_argument("file", type=Path, help="the run file")
parser.add_argument(
    "--images", nargs="+", required=True, help="the images of unknown label: files, patterns or folders"
)
parser.add_argument("--preset", choices=PRESETS, default="imageclef2025", help="the form of the file; %(default)s")
parser.add_argument("--extension", help="what follows an id, e.g. .png, if not what the preset says")
parser.add_argument("--header", action=argparse.BooleanOptionalAction, help="whether there is a line of column names")
parser.add_argument("--columns", nargs=2, metavar=("IMAGE", "DECISION"), help="these names")
parser.add_argument("--decision-first", action=argparse.BooleanOptionalAction, help="whether decisions precede images")
parser.add_argument("--separator", choices=SEPARATORS, help="what stands between the columns")
arguments = vars(parser.parse_args())

file, places = arguments.pop("file"), arguments.pop("images")
patterns = {"unknown": [f"{glob.escape(place)}/*" if Path(place).is_dir() else place for place in places]}
try:
    images, faults = list_images(list_files(patterns), patterns=patterns)
    if faults:
        raise ImageError(faults, "Name the images of unknown label after --images.")
    check_run_file(decoded(file.read_bytes()), [image.image_id for image in images], run_format(**arguments))
except OSError as error:
    sys.exit(f"{file}: cannot be read: {error.strerror}")
except ValueError as error:
    sys.exit(f"{file}: {error}")
print(f"{file}: a decision for each of {len(images)} images, in the form that {arguments['preset']} asks for")
