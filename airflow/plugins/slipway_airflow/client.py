"""The controller over HTTP, for tasks and for triggers."""

import asyncio
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import httpx
from airflow.exceptions import AirflowNotFoundException
from airflow.sdk import Connection
from asgiref.sync import sync_to_async  # Airflow's own way back to its event loop

from slipway_airflow.calls import Call
from slipway_airflow.problems import ControllerError, refused, unreachable

#: The Airflow connection that says where the controller is; its password is the token.
CONNECTION = "slipway"
_PORTS = {"http": 80, "https": 443}

#: One client for every trigger of a triggerer: each of its own would load certificates.
_CLIENTS: WeakKeyDictionary[asyncio.AbstractEventLoop, httpx.AsyncClient]
_CLIENTS = WeakKeyDictionary()


@dataclass(frozen=True)
class Address:
    """Where the controller is, and as whom it is asked."""

    url: str
    token: str

    @classmethod
    def of(cls, connection: Any) -> "Address":
        """Return the address that an Airflow connection says."""
        scheme = connection.schema or "http"
        host = connection.host or "127.0.0.1"
        if "://" in host:
            scheme, _, host = host.partition("://")
        port = connection.port or _PORTS.get(scheme, 80)
        return cls(f"{scheme}://{host}:{port}", connection.password or "")


def find_controller() -> Address:
    """Return the controller of the connection, or raise ControllerError where there is none."""
    try:
        return Address.of(Connection.get(CONNECTION))
    except AirflowNotFoundException as error:
        message = (
            f"there is no connection {CONNECTION!r} that says where the controller is:"
            f" airflow connections add {CONNECTION}"
        )
        raise ControllerError(message, retryable=False) from error


async def find_controller_async() -> Address:
    """Return the controller of the connection, in a trigger."""
    return await sync_to_async(find_controller)()


def ask(address: Address, call: Call) -> Any:
    """Send `call` and return its answer, or raise ControllerError."""
    try:
        response = httpx.request(**_request(address, call))
    except httpx.TransportError as error:
        raise unreachable(address.url, CONNECTION, error) from error
    return _answer(address, response)


async def ask_async(address: Address, call: Call) -> Any:
    """Send `call` from a trigger and return its answer, or raise ControllerError."""
    loop = asyncio.get_running_loop()
    if loop not in _CLIENTS:
        _CLIENTS[loop] = httpx.AsyncClient()
    try:
        response = await _CLIENTS[loop].request(**_request(address, call))
    except httpx.TransportError as error:
        raise unreachable(address.url, CONNECTION, error) from error
    return _answer(address, response)


async def close_client() -> None:
    """Close the client of this event loop, which is about to end."""
    if client := _CLIENTS.pop(asyncio.get_running_loop(), None):
        await client.aclose()


def _request(address: Address, call: Call) -> dict[str, Any]:
    return {
        "method": call.method,
        "url": f"{address.url}/v1{call.path}",
        "params": dict(call.query),
        "json": call.body,
        "timeout": call.seconds,
        "headers": {"Authorization": f"Bearer {address.token}"},
    }


def _answer(address: Address, response: httpx.Response) -> Any:
    try:
        said = response.json()
    except ValueError:
        said = None
    if response.is_success and said is not None:
        return said
    if response.is_success:
        message = (
            f"{address.url} answered without JSON: it is no controller of Slipway's"
        )
        raise ControllerError(message, retryable=False)
    raise refused(address.url, CONNECTION, response.status_code, said)
