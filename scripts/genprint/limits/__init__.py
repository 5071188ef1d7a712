"""Limits of detection: trials with known leaks, and the curves fitted to them."""
