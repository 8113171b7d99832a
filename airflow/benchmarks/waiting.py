"""How often a waiting task asks the controller, counted there, hour by hour."""

import asyncio
import os
import sys
from pathlib import Path
from types import SimpleNamespace

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent / "plugins"), str(HERE.parent / "tests")]

_HOURS, _HOUR = 3, 3600.0


class _OverError(Exception):
    """The hours are over."""


def main() -> int:
    """Wait for a step and for a person, without the waiting, and print the calls."""
    from fake_controller import running_controller

    with running_controller() as controller:
        os.environ["AIRFLOW_CONN_SLIPWAY"] = controller.connection()
        from slipway_airflow.triggers import StepTrigger
        from slipway_airflow.version_trigger import VersionTrigger

        controller.reads, controller.version = 10**9, "registered"
        controller.answer("POST", "/v1/runs/run-1/steps/train", {})
        for what, trigger in (
            ("a step", StepTrigger(run_id="run-1", step="train")),
            ("a person", VersionTrigger(model="tumor_malignancy", version=3)),
        ):
            counts = asyncio.run(_calls(trigger, controller))
            said = ", ".join(map(str, counts))
            sys.stdout.write(
                f"calls of a task that waits for {what}, by hour: {said}\n"
            )
    return 0


async def _calls(trigger: object, controller: object) -> list[int]:
    """Return the requests that the controller saw in each hour of the waiting."""
    from slipway_airflow import triggers

    waited, counts = 0.0, [0] * _HOURS

    async def sleep(seconds: float) -> None:
        nonlocal waited
        counts[int(waited // _HOUR)] += len(controller.asked)
        controller.asked.clear()
        waited += seconds
        if waited >= _HOURS * _HOUR:
            raise _OverError

    controller.asked.clear()
    triggers.asyncio = SimpleNamespace(sleep=sleep)  # time passes at once
    try:
        async for event in trigger.run():
            sys.exit(f"the trigger ended: {event}")
    except _OverError:
        return counts
    finally:
        triggers.asyncio = asyncio
    return counts


if __name__ == "__main__":
    sys.exit(main())
