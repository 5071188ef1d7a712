"""The colours of every figure and of the page: Okabe & Ito's, which the colour-blind tell apart.

Where two meet in one plot they also differ by marker, line or fill, for print in grey.
"""

RESULT = "#0072b2"
CONTROL = "#d55e00"
USED = "#d55e00"
NOT_USED = "#0072b2"
UNKNOWN = "#cc79a7"

PAPER = "#ffffff"
INK = "#1b1f24"
LINES = "#c4cbd3"
# What paper, ink and lines become on a page that is dark.
DARK = {INK: "#e6edf3", LINES: "#3d444d"}
