"""Batch scoring: rows made into requests, and answers made into published predictions."""
