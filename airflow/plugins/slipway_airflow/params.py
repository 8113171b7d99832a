"""What a person may set when a run is started by hand; the controller has the last word."""

from typing import Any

from airflow.sdk import Param

_TYPES = {bool: "boolean", int: "integer", float: "number", str: "string"}


def training_params(hyperparameters: dict[str, Any]) -> dict[str, Param]:
    """Return the params of a training, with the model's own values to look at."""
    own = ", ".join(f"{name} {value!r}" for name, value in hyperparameters.items())
    return {
        **_any_params(),
        "version": _version("Serve this version again; make no other one"),
        "canary_percent": Param(
            None,
            type=["null", "integer"],
            minimum=1,
            maximum=50,
            description="Share of the requests that the new version gets first",
        ),
        "hyperparameters": Param(
            {},
            type="object",
            properties={
                name: {"type": _type(v)} for name, v in hyperparameters.items()
            },
            additionalProperties=False,
            description=f"Laid over those of model.yaml: {own or 'it has none'}",
        ),
    }


def scoring_params() -> dict[str, Param]:
    """Return the params of a scoring."""
    return {
        **_any_params(),
        "version": _version("Score with this version, not with the one that serves"),
    }


def _version(description: str) -> Param:
    return Param(None, type=["null", "integer"], minimum=1, description=description)


def _type(value: Any) -> str:
    """Return what JSON Schema calls the type of a hyperparameter's own value."""
    return _TYPES[type(value)]


def _any_params() -> dict[str, Param]:
    return {
        "force": Param(
            False,
            type="boolean",
            description="Take nothing from the cache: run every step again",
        ),
        "tag": Param(
            None,
            type=["null", "string"],
            maxLength=60,
            description="What the run is called among experiments",
        ),
        "parameters": Param(
            {}, type="object", description="Values of the SQL script's parameters"
        ),
    }
