"""Application Auto Scaling: variants of endpoints that follow a metric."""
