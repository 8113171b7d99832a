"""What Airflow's plugin manager is told: who listens to what happens to tasks."""

from airflow.plugins_manager import AirflowPlugin

from slipway_airflow import marks


class SlipwayPlugin(AirflowPlugin):
    """Stops what a task waits for when a person marks it."""

    name = "slipway"
    listeners = (marks,)
