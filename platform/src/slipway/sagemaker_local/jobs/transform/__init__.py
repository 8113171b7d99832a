"""Batch transform: objects through a serving container, and back to S3."""
