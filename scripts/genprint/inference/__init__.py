"""Whether a result could be chance: resampling and permutation by patient, intervals, corrected tests."""
