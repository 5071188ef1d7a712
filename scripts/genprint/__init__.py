"""Whether generated images betray which real images trained their generator."""

__version__ = "0.2.0"
