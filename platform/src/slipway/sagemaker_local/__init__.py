"""A SageMaker-compatible server for the laptop: real jobs, real endpoints, no AWS."""
