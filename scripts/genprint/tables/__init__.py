"""The tables of a benchmark: those of the papers, the ablation, the verdicts, and run files."""
