"""What is expected of data, and what the data was like when a model learned from it."""
