"""What the commands and the REST API do, as plain functions."""
