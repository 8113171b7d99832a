"""Processing and training jobs: planned, run, and carried on after a restart."""
