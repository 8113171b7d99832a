"""SageMaker as Slipway speaks to it: shapes, statuses and the only calls."""
