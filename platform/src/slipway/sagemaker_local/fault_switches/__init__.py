"""Faults on demand: what a test asks the local server to do wrong."""
