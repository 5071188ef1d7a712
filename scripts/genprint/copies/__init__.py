"""The search for copies: which generated images are real ones that were moved, re-windowed or degraded."""
