"""Data capture: what endpoints were asked and answered, sampled and kept in S3."""
