"""Alembic's scripts for the controller's tables."""
