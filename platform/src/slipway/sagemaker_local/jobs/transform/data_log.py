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
        self._now = 0.0

    def say(self, text: str, place: str = "") -> None:
        """Add each line of a text, of an object or of the job."""
        where = f"{place}: " if place else ""
        with self._lock:
            # No line is older than the one before it.
            self._now = max(self._now, time.time())
            moment = dt.datetime.fromtimestamp(self._now, dt.UTC)
            text_of_it = moment.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]
            start = f"{int(self._now * 1000)} {text_of_it}:[sagemaker logs]: "
            lines = "".join(f"{start}{where}{line}\n" for line in text.split("\n"))
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("a", encoding="utf-8", errors="replace") as file:
                file.write(lines)
