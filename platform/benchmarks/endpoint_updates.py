"""How long an update takes beyond a container's own start, and what it fails.

    python platform/benchmarks/endpoint_updates.py

On each executor that is here: the start of the container alone, by the executor itself
until its first ping, in turns with a blue/green update to the same container through
the server. Then each strategy, under eight clients that never pause.
"""

import contextlib
import statistics
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from promises import Promises, timed
from serving import CLIENTS, Serving, at_once, executors

from slipway.sagemaker_local.executors.choice import Choice

TURNS = 9
#: What was promised, in seconds.
MOST_BEYOND = 1.0
HALF = {"Type": "CAPACITY_PERCENT", "Value": 50}


def blue_green(kind: str, **size: Any) -> dict[str, Any]:
    """Return a DeploymentConfig that bakes for a second at each stage."""
    routing = {"Type": kind, "WaitIntervalInSeconds": 1, **size}
    return {
        "BlueGreenUpdatePolicy": {
            "TrafficRoutingConfiguration": routing,
            "TerminationWaitInSeconds": 1,
        }
    }


STRATEGIES = {
    "all at once": blue_green("ALL_AT_ONCE"),
    "canary": blue_green("CANARY", CanarySize=HALF),
    "linear": blue_green("LINEAR", LinearStepSize=HALF),
    "rolling": {
        "RollingUpdatePolicy": {"MaximumBatchSize": HALF, "WaitIntervalInSeconds": 1}
    },
}


def updated(serving: Serving, name: str, instances: int) -> Callable[..., None]:
    """Create an endpoint, and return what updates it and waits."""
    for config in (f"{name}-a", f"{name}-b"):
        serving.config(config, instances)
    serving.endpoint(name, f"{name}-a")
    turn = [f"{name}-b", f"{name}-a"]

    def update(**how: Any) -> None:
        serving.sagemaker.update_endpoint(
            EndpointName=name, EndpointConfigName=turn[0], **how
        )
        serving.settle(name)
        turn.reverse()

    return update


@contextlib.contextmanager
def asked(serving: Serving, endpoint: str) -> Iterator[list[bool]]:
    """Ask an endpoint with every client, and lend whether each was answered."""
    answered: list[bool] = []
    done = threading.Event()

    def ask() -> None:
        while not done.is_set():
            try:
                serving.runtime.invoke_endpoint(EndpointName=endpoint, Body=b"{}")
                answered.append(True)
            except (ClientError, BotoCoreError):
                answered.append(False)

    clients = [threading.Thread(target=ask) for _ in range(CLIENTS)]
    for client in clients:
        client.start()
    yield answered
    done.set()
    for client in clients:
        client.join()


def measure(kind: Choice, serving: Serving, promises: Promises) -> None:
    """Measure one executor, and judge both promises."""
    update = updated(serving, "timed", 1)
    turns = [(started(serving), timed(update)) for _ in range(TURNS)]
    start, whole = (statistics.median(side) for side in zip(*turns, strict=True))
    promises.judge(
        whole - start <= MOST_BEYOND,
        f"{kind:<8} update {whole:.3f} s, the container's own start {start:.3f} s, "
        f"beyond it {whole - start:.3f} s (promised: at most {MOST_BEYOND:g} s)",
    )
    update = updated(serving, "loaded", 2)
    for name, policy in STRATEGIES.items():
        with asked(serving, "loaded") as answered:
            update(DeploymentConfig=policy)
        failed = answered.count(False)
        promises.judge(
            failed == 0 and len(answered) > CLIENTS,
            f"{kind:<8} {name:<12} {len(answered):>6,} requests of "
            f"{CLIENTS} clients, {failed} failed (promised: none)",
        )


def started(serving: Serving) -> float:
    """Return how long the container takes to start without the server."""
    with contextlib.ExitStack() as stack:
        return timed(lambda: stack.enter_context(serving.alone()))


def main() -> int:
    """Measure each executor; return 1 where a promise is broken."""
    promises = Promises()
    for kind in executors():
        with tempfile.TemporaryDirectory() as temporary:
            top = Path(temporary)
            serving = Serving(kind, top, at_once(top))
            try:
                measure(kind, serving, promises)
            finally:
                serving.server.stop()
    return promises.exit_code


if __name__ == "__main__":
    sys.exit(main())
