"""This file lets pytest put `models/` on the path: tests import a model as its image does."""
