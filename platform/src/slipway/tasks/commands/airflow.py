"""The commands for Airflow on this machine: airflow.up, airflow.run, airflow.down."""

from invoke.context import Context

from slipway.tasks.command import Answer, command


@command()
def up(_context: Context) -> Answer:
    """Start Airflow with every model's DAGs; print its address and its login.

    The first time makes its environment from airflow/requirements.txt. It stays up
    until `invoke airflow.down`; SLIPWAY_AIRFLOW_PORT chooses another port than 8080.
    """
    from slipway.tasks.scheduling import start_airflow

    return start_airflow()


@command(
    positional=[],
    help={"pipeline": "training (the default), scoring or monitoring"},
)
def run(
    _context: Context, model: str = "", date: str = "", pipeline: str = "training"
) -> Answer:
    """Run a model's DAG for a date to its end, and print how each task ended.

    invoke airflow.run --model tumor_malignancy --date 2026-01-31
    """
    from slipway.tasks.scheduling import DagWish, run_dag

    return run_dag(DagWish(model, date, pipeline))


@command()
def down(_context: Context) -> Answer:
    """End Airflow and everything that it started. What it stored is kept."""
    from slipway.tasks.scheduling import end_airflow

    return end_airflow()
