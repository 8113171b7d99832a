"""Endpoints: fleets of serving containers, their updates, and their requests."""
