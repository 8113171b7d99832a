"""The log of what happened to a transform job's data."""

import datetime as dt
import time
from pathlib import Path
from threading import Lock


class DataLog:
    """Appends lines as SageMaker words them to a stream's file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()

    def say(self, text: str, place: str = "") -> None:
        """Add each line of a text, of an object or of the job."""
        now = time.time()
        moment = dt.datetime.fromtimestamp(now, dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
        start = f"{int(now * 1000)} {moment[:-3]}:[sagemaker logs]: "
        where = f"{place}: " if place else ""
        lines = "".join(f"{start}{where}{line}\n" for line in text.split("\n"))
        with self._lock:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("a", encoding="utf-8", errors="replace") as file:
                file.write(lines)
