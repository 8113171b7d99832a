"""Steps of DBOS, for `durable_step.py`: runs in an environment of its own.

Reads a count from each line, runs a workflow of so many steps, and answers with the
seconds that each step took, in JSON.
"""

import json
import sys
import time
from typing import Any

from dbos import DBOS


@DBOS.step()
def create_model(payload: dict[str, Any]) -> dict[str, str]:
    """Answer as SageMaker does, without a call."""
    return {"request_id": "request-1", "arn": f"arn:{payload['ModelName']}"}


@DBOS.workflow()
def steps(count: int) -> list[float]:
    """Run steps one after the other; return the seconds of each."""
    seconds = []
    for number in range(count):
        payload = {"ModelName": f"churn-{number}", "Tags": []}
        began = time.perf_counter()
        create_model(payload)
        seconds.append(time.perf_counter() - began)
    return seconds


def main(url: str) -> None:
    """Serve lines from standard input until it is closed."""
    DBOS(
        config={
            "name": "durable-step",
            "system_database_url": url,
            "log_level": "ERROR",
            "run_admin_server": False,
        }
    )
    DBOS.launch()
    print("ready", flush=True)
    for line in sys.stdin:
        print(json.dumps(steps(int(line))), flush=True)
    DBOS.destroy()


if __name__ == "__main__":
    main(*sys.argv[1:])
