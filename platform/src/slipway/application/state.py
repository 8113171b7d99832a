"""Where a checkout keeps what lives on between commands."""

import os
from pathlib import Path

from slipway.errors import InvalidRequestError
from slipway.settings import Settings


def made_state(settings: Settings) -> Path:
    """Return the state folder, made; raise when nothing can be written there."""
    state = settings.state
    try:
        state.mkdir(parents=True, exist_ok=True)
        reason = "" if os.access(state, os.W_OK | os.X_OK) else "Permission denied"
    except OSError as error:
        reason = error.strerror or str(error)
    if reason:
        message = (
            f"The state folder {str(state)!r} cannot be written: {reason}. Name another:"
            " SLIPWAY_STATE=<folder>"
        )
        raise InvalidRequestError(message)
    return state


def images_root(settings: Settings) -> Path:
    """Return the folder of images that run as processes."""
    return settings.state / "images"


def server_state(settings: Settings) -> Path:
    """Return the folder of the local server's own state: tables, objects, logs."""
    return settings.state / settings.environment.name / "sagemaker"


def server_log(settings: Settings) -> Path:
    """Return the file that the local server writes its log to."""
    return server_state(settings).with_name("server.log")


def server_record(settings: Settings) -> Path:
    """Return the file that says where the local server of this checkout answers."""
    return server_state(settings).with_name("server.json")


def server_lock(settings: Settings) -> Path:
    """Return the file that a command locks while it starts the local server."""
    return server_state(settings).with_name("server.lock")
