"""How requests are made: as the caller says, else the container, else SageMaker."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from slipway.sagemaker_local.jobs.plan import JobFaultError

MIB = 1024 * 1024
#: AWS's limit of MaxPayloadInMB, and of all payloads that are under way.
MOST_MIB = 100
_CONCURRENT, _PAYLOAD, _STRATEGY = (
    "MaxConcurrentTransforms",
    "MaxPayloadInMB",
    "BatchStrategy",
)
_DEFAULTS: Mapping[str, Any] = {
    _CONCURRENT: 1,
    _PAYLOAD: 6,
    _STRATEGY: "MultiRecord",
}
_SPELLED = {"SingleRecord": "SINGLE_RECORD", "MultiRecord": "MULTI_RECORD"}
_READ = {**{name: name for name in _SPELLED}, **{v: k for k, v in _SPELLED.items()}}


@dataclass(frozen=True)
class Parameters:
    """What `GET /execution-parameters` is about."""

    concurrent: int
    #: In MiB; 0 sends an object in chunks, however large it is.
    payload: int
    single: bool

    @property
    def largest(self) -> int:
        """The most bytes of one request, or of one record that is sent in chunks."""
        return (self.payload or MOST_MIB) * MIB

    def __str__(self) -> str:
        strategy = _SPELLED["SingleRecord" if self.single else "MultiRecord"]
        return (
            f"{_CONCURRENT}={self.concurrent}, {_PAYLOAD}={self.payload}, "
            f"{_STRATEGY}={strategy}"
        )


def given(request: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the caller sets; no concurrency is none set."""
    names = [name for name in _DEFAULTS if name in request]
    return {
        name: request[name]
        for name in names
        if (name, request[name]) != (_CONCURRENT, 0)
    }


def environment(request: Mapping[str, Any]) -> dict[str, str]:
    """Return the variables that tell a container that it transforms a batch."""
    said = given(request)
    variables = {"SAGEMAKER_BATCH": "true"}
    if _PAYLOAD in said:
        variables["SAGEMAKER_MAX_PAYLOAD_IN_MB"] = str(said[_PAYLOAD])
    if _STRATEGY in said:
        variables["SAGEMAKER_BATCH_STRATEGY"] = _SPELLED[said[_STRATEGY]]
    if _CONCURRENT in said:
        variables["SAGEMAKER_MAX_CONCURRENT_TRANSFORMS"] = str(said[_CONCURRENT])
    return variables


def parameters(request: Mapping[str, Any], offered: bytes) -> Parameters:
    """Return what holds, where the container answered so; nothing is no answer."""
    chosen = {**_DEFAULTS, **_offered(offered), **given(request)}
    return Parameters(
        concurrent=chosen[_CONCURRENT],
        payload=chosen[_PAYLOAD],
        single=chosen[_STRATEGY] == "SingleRecord",
    )


def _offered(answer: bytes) -> dict[str, Any]:
    if not answer.strip():
        return {}
    try:
        content = orjson.loads(answer)
        read = {
            name: _checked(name, content[name]) for name in _DEFAULTS if name in content
        }
    except (ValueError, TypeError, KeyError) as error:
        message = (
            "AlgorithmError: the container's answer to GET /execution-parameters is not "
            f"one: {answer[:200].decode(errors='replace')}"
        )
        raise JobFaultError(message) from error
    return read


def _checked(name: str, value: Any) -> Any:
    if name == _STRATEGY:
        return _READ[value]
    least = 1 if name == _CONCURRENT else 0
    if type(value) is not int or not least <= value <= MOST_MIB:
        message = f"{name} is {value!r}"
        raise ValueError(message)
    return value
