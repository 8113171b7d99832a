"""The commands for generated pages: docs.write, docs.check."""

from invoke.context import Context

from slipway.tasks.command import Answer, command


@command()
def write(_context: Context) -> Answer:
    """Write the generated pages again: JSON Schema of model.yaml, states, operations."""
    from slipway.tasks.generated import write_pages

    return write_pages()


@command()
def check(_context: Context) -> Answer:
    """Fail when a generated page is not what the code says."""
    from slipway.tasks.generated import check_pages

    return check_pages()
