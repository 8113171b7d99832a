"""The endpoint of a model: requests checked, answered, and traceable."""
