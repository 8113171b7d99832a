"""The commands for the local stack: local.up, local.down, warehouse.seed."""

from invoke.context import Context

from slipway.tasks.command import Answer, command


@command()
def up(_context: Context) -> Answer:
    """Start the local stack: SageMaker, S3 and the rest of AWS on one port.

    It stays up until `invoke local.down`. SLIPWAY_PORT and SLIPWAY_EXECUTOR (auto,
    docker or process) choose another port, or what runs jobs.
    """
    from slipway.tasks.stack import start

    return start()


@command()
def down(_context: Context) -> Answer:
    """End the local stack, its jobs and its endpoints. What it stored is kept."""
    from slipway.tasks.stack import end

    return end()


@command()
def seed(_context: Context) -> Answer:
    """Fill the local warehouse with the demo's tables; equal ones are left alone.

    The Wisconsin diagnostic breast cancer data, as scikit-learn ships it: measurements,
    and diagnoses with a date.
    """
    from slipway.tasks.seeding import seed_warehouse

    return seed_warehouse()
