"""The form in which SageMaker finds a metric in a training job's log."""

#: What finds it: `METRIC_REGEX.format(name="roc_auc")`, for MetricDefinitions.
METRIC_REGEX = r"\b{name}=([-+0-9.eE]+);"


def log_line(name: str, value: float) -> str:
    """Return the line that METRIC_REGEX finds: `roc_auc=0.9932;`."""
    return f"{name}={value:.6g};"
