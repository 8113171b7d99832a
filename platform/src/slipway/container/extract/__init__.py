"""The extract of a model: its SQL script, the warehouse, and what is written."""
