"""What ships inside a model's image, and what a model's own code imports."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from slipway.container.serve.app import create_app
    from slipway.container.skops_format import load_estimator, save_estimator

__all__ = ["create_app", "load_estimator", "save_estimator"]

#: Where each name is: imported when it is first asked for, so that a command loads
#: Flask or skops only if it uses them.
_HOMES = {
    "create_app": "slipway.container.serve.app",
    "load_estimator": "slipway.container.skops_format",
    "save_estimator": "slipway.container.skops_format",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(importlib.import_module(_HOMES[name]), name)
