"""Checkpoints in S3: addresses, the namespace, and the only S3 calls."""
