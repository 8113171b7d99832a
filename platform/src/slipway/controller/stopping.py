"""Jobs under way, stopped by hand."""

from slipway.controller.context import Context
from slipway.sagemaker.resources import RESOURCES


def stop_operations(context: Context) -> list[str]:
    """Stop every job of the model that is under way; return their names."""
    stopped = []
    found = context.store.records.unfinished_operations(
        context.spec.name, context.settings.environment.name
    )
    for operation in found:
        if RESOURCES[operation.resource].stop is not None:
            context.ledger("stop").stop(operation)
            stopped.append(operation.name)
    return stopped
