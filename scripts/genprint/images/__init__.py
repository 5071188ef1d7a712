"""Where images come from: files, the simulated phantom, controlled data sets and their splits."""
