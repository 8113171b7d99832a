"""What a task asks of its run's controller; what is refused raises Airflow's errors."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slipway_airflow import calls
from slipway_airflow.client import Address, ask, find_controller
from slipway_airflow.problems import ControllerError


@dataclass(frozen=True)
class RunClient:
    """A run of the controller, as one of its steps sees it."""

    address: Address
    run_id: str
    step: str

    @classmethod
    def open(cls, body: Mapping[str, Any]) -> "RunClient":
        """Open the run of `body`'s key, or find the one that was opened with it."""
        asked = f"opening a run of {body['model']}"
        address = _controller(asked)
        run = _ask(address, calls.open_run(body), asked)
        return cls(address, run["run_id"], "")

    @classmethod
    def of(cls, run_id: str, step: str) -> "RunClient":
        """Return the client of a step of the run."""
        return cls(_controller(f"{step} of run {run_id}"), run_id, step)

    @property
    def url(self) -> str:
        """Where the run is seen."""
        return f"{self.address.url}/v1/runs/{self.run_id}"

    @property
    def name(self) -> str:
        """The step and its run, for messages."""
        return f"{self.step} of run {self.run_id}"

    def begin(self, attempt: int) -> Mapping[str, Any]:
        """Ask that the step be done, and return how it stands."""
        return self._ask(calls.begin_step(self.run_id, self.step, attempt))

    def registered(self, model: str) -> Mapping[str, Any]:
        """Return how the version stands that the run registered."""
        step = self._ask(calls.read_step(self.run_id, "register"))
        return self._ask(calls.read_version(model, step["outputs"]["version"]))

    def stop(self) -> None:
        """Stop the step's job."""
        self._ask(calls.stop_step(self.run_id, self.step))

    def end(self, state: str, reason: str = "") -> None:
        """Say how the run ended."""
        self._ask(calls.end_run(self.run_id, state, reason))

    def _ask(self, call: calls.Call) -> Any:
        return _ask(self.address, call, self.name)


def _controller(asked: str) -> Address:
    try:
        return find_controller()
    except ControllerError as problem:
        raise problem.failure(asked) from None


def _ask(address: Address, call: calls.Call, asked: str) -> Any:
    try:
        return ask(address, call)
    except ControllerError as problem:
        raise problem.failure(asked) from None
