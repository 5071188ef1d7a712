"""What surrounds a job: logs, progress, failures, GPUs, and the record of a run."""
