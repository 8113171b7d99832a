"""Request bodies for SageMaker: defaults as data, layered, built by pure functions."""
