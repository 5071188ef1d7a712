"""One run: from the similarities of its pairs to scores, thresholds and metrics."""
