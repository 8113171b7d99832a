"""What tests ask of a world of deployments."""

from slipway.controller.deployments import deploy


def numbered(world, number):
    versions = world.store.records.versions("churn", "local")
    return next(version for version in versions if version.version == number)


def deployed(world, number=2, **policy):
    return deploy(world.context(**policy), "r1", numbered(world, number))


def states(world):
    history = world.store.records.history("deployment", world.last.id)
    return [change.to_state for change in history]
