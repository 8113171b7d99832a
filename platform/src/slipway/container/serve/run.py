"""The serve command: the artifact verified and loaded, then gunicorn in front of it."""

import logging
import os
from collections.abc import Mapping

from flask import Flask

from slipway.container.contract import Job
from slipway.container.serve.app import serving
from slipway.container.serve.scorer import load_scorer
from slipway.container.serve.server import Settings, serve_forever
from slipway.errors import InvalidRequestError, ModelContractError

#: More workers would each need the model's memory; threads answer beside them.
MOST_WORKERS = 2

_log = logging.getLogger(__name__)


def run(job: Job) -> str:
    """Load the model and serve it until SIGTERM; raise before a port is bound."""
    settings = read_settings(job.environ)
    app = load_app(job)
    loaded = serving(app).scorer
    if loaded is not None:
        _log.info("model_loaded %s", loaded.identity)
    serve_forever(app, settings)
    return "Stopped serving"


def load_app(job: Job) -> Flask:
    """Return the application of a model's serve.py, with its artifact loaded."""
    app = job.model.attribute("serve", "app")
    if not isinstance(app, Flask):
        message = (
            f"{job.model.file('serve.py')}: app must be create_app(Model);"
            f" it is {type(app).__name__}"
        )
        raise ModelContractError(message)
    kept = serving(app)
    kept.scorer = load_scorer(
        kept.model_class,
        job.paths.model,
        model=job.model.name,
        version=job.environ.get("SLIPWAY_MODEL_VERSION") or "0",
        expected_digest=job.environ.get("SLIPWAY_ARTIFACT_DIGEST"),
    )
    if megabytes := _whole(job.environ, "SAGEMAKER_MAX_PAYLOAD_IN_MB", 0):
        app.config["MAX_CONTENT_LENGTH"] = megabytes * 1024 * 1024
    return app


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Return where to listen and with how many workers."""
    cpus = len(os.sched_getaffinity(0))
    return Settings(
        address=environ.get("SLIPWAY_BIND_ADDRESS") or "0.0.0.0",  # noqa: S104  # a container's only address
        port=_whole(environ, "SAGEMAKER_BIND_TO_PORT", 8080),
        workers=_whole(environ, "SLIPWAY_WORKERS", min(cpus, MOST_WORKERS)),
    )


def _whole(environ: Mapping[str, str], name: str, default: int) -> int:
    text = environ.get(name) or str(default)
    if not text.isascii() or not text.isdigit():
        message = (
            f"The environment variable {name} must be a whole number, not {text!r}"
        )
        raise InvalidRequestError(message)
    return int(text)
