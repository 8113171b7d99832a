"""The REST API: the table of actions over HTTP."""
