"""What a failure shows of the output that led to it."""

from slipway.sagemaker.gateway import Gateway

#: How many lines of output an error shows.
_LINES = 15


def last_lines(gateway: Gateway, group: str, prefix: str = "") -> str:
    """Return the end of the output kept in a log group, indented; empty: there is none."""
    lines = gateway.log_lines(group, prefix)
    if not lines:
        return ""
    tail = "\n".join(f"  {line}" for line in lines[-_LINES:])
    return f"\nThe last lines of its log:\n{tail}"
