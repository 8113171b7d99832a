"""Slipway: from a SQL script to a verified SageMaker endpoint."""
