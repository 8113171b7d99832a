"""What waits in the triggerer for a person's word on a version."""

from typing import Any

from slipway_airflow import calls
from slipway_airflow.approvals import WAITING
from slipway_airflow.client import Address, ask_async
from slipway_airflow.triggers import AskingTrigger


class VersionTrigger(AskingTrigger):
    """Asks the controller how a version stands until somebody has judged it."""

    def __init__(
        self, *, model: str, version: int, ends_at: float | None = None
    ) -> None:
        super().__init__()
        self.model = model
        self.version = version
        self.ends_at = ends_at

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Return what another triggerer makes this trigger from."""
        kind = type(self)
        known = {"model": self.model, "version": self.version, "ends_at": self.ends_at}
        return f"{kind.__module__}.{kind.__qualname__}", known

    async def _look(self, address: Address) -> dict[str, Any] | None:
        call = calls.read_version(self.model, self.version)
        version = await ask_async(address, call)
        return None if version["state"] == WAITING else {"version": version}
