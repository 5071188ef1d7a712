"""Write docs/artifacts.md from a finished run: python scripts/document_artifacts.py results/embedded"""

import sys
from pathlib import Path

from genprint.files import write_text
from genprint.schemas import documented

write_text(Path(__file__).resolve().parents[1] / "docs/artifacts.md", documented(Path(sys.argv[1])))
