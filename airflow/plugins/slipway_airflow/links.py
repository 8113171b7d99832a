"""Where a task's run is seen in the controller."""

from typing import Any

from airflow.sdk import BaseOperatorLink


class RunLink(BaseOperatorLink):
    """The controller's run of a task."""

    name = "Run"

    def get_link(self, operator: Any, *, ti_key: Any) -> str:  # noqa: ARG002 - Airflow's
        """Return the address that the task learnt while it ran; empty: it asked nobody."""
        return operator.client.url if operator.client else ""
