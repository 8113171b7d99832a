"""The commands for rendered DAGs: dag.render, dag.check."""

from invoke.context import Context

from slipway.tasks.command import Answer, command


@command()
def render(_context: Context) -> Answer:
    """Write the files of airflow/dags/ again: one per model and pipeline.

    A broken model.yaml is reported with file and line; its own files stay as they
    were, and every other model's are written.
    """
    from slipway.tasks.rendering import write_dags

    return write_dags()


@command()
def check(_context: Context) -> Answer:
    """Fail when a file of airflow/dags/ is not what its model.yaml says."""
    from slipway.tasks.rendering import check_dags

    return check_dags()
