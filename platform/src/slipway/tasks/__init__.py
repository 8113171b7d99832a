"""The command line: `invoke --list`."""

from invoke.collection import Collection

from slipway.tasks import (
    inspection_commands,
    local_commands,
    model_commands,
    pipeline_commands,
)


def _namespace() -> Collection:
    commands = Collection(
        model_commands.build,
        pipeline_commands.run,
        pipeline_commands.deploy,
        pipeline_commands.predict,
        pipeline_commands.stop,
        inspection_commands.status,
        inspection_commands.logs,
    )
    commands.add_collection(Collection("local", local_commands.up, local_commands.down))
    commands.add_collection(Collection("warehouse", local_commands.seed))
    return commands


#: What invoke finds in tasks.py.
namespace = _namespace()
