"""Every name that AWS sees, and the names that a model may have."""

import hashlib
import importlib.util
import re
import sys

from slipway.errors import InvalidRequestError

#: SageMaker's limit for the names of jobs, models, endpoint configs and endpoints.
LONGEST_NAME = 63
#: Letters of a hash that a name keeps whatever else is cut: 60 bits.
HASH_LENGTH = 12
#: The longest model name: room for the environment, the step, the hash and a generation.
LONGEST_MODEL_NAME = 32

_MODEL_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


def resource_name(*parts: str, digest: str, generation: int = 1) -> str:
    """Return a SageMaker name of at most 63 characters: readable parts, then the hash.

    The same arguments give the same name: it is the idempotency key of a create call.
    Parts are cut from the right to fit; the hash and the generation never are.
    """
    short = hashlib.sha256(digest.encode()).hexdigest()[:HASH_LENGTH]
    tail = f"-{short}" if generation == 1 else f"-{short}-{generation}"
    return dashed("-".join(parts))[: LONGEST_NAME - len(tail)].rstrip("-") + tail


def dashed(name: str) -> str:
    """Return `name` in SageMaker's alphabet: letters, digits, single inner dashes."""
    return re.sub(r"[^a-zA-Z0-9]+", "-", name).strip("-")


def check_model_name(name: str) -> str:
    """Return `name`, or raise InvalidRequestError when no model can be called so."""
    if not _MODEL_NAME.fullmatch(name):
        message = (
            f"A model cannot be called {name!r}: use lower-case letters, digits and single"
            " underscores, a letter first, for example 'churn_risk'"
        )
        raise InvalidRequestError(message)
    if len(name) > LONGEST_MODEL_NAME:
        message = (
            f"The model name {name!r} has {len(name)} letters;"
            f" {LONGEST_MODEL_NAME} is the longest: SageMaker's names end at 63"
        )
        raise InvalidRequestError(message)
    if name in sys.stdlib_module_names:
        raise _shadowing(name, "a module of Python's standard library")
    if name in _KNOWN_PACKAGES:
        raise _shadowing(name, f"the package {name!r}")
    return name


def check_new_model_name(name: str) -> str:
    """Return `name`, or raise also when an installed package is called so."""
    check_model_name(name)
    if importlib.util.find_spec(name) is not None:
        raise _shadowing(name, f"the installed package {name!r}")
    return name


def _shadowing(name: str, what: str) -> InvalidRequestError:
    message = (
        f"A model cannot be called {name!r}: it would shadow {what}."
        f" Try {name + '_model'!r}"
    )
    return InvalidRequestError(message)


#: Packages that models use and that a development machine may not have installed.
_KNOWN_PACKAGES = frozenset(
    {"airflow", "catboost", "keras", "lightgbm", "models", "platform", "polars"}
    | {"sagemaker", "sklearn", "slipway", "tensorflow", "torch", "transformers"}
    | {"xgboost"}
)
