"""The folder of log files: one file for each stream, one line for each event."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from slipway.sagemaker_local.identity import Kind
from slipway.sagemaker_local.jobs.plan import HOST
from slipway.sagemaker_local.store import Record

PREFIX = "/aws/sagemaker/"
_GROUPS: dict[Kind, str] = {
    "processing-job": f"{PREFIX}ProcessingJobs",
    "training-job": f"{PREFIX}TrainingJobs",
    "transform-job": f"{PREFIX}TransformJobs",
}
_ENDPOINTS = f"{PREFIX}Endpoints/"
_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9\-]*")
_SUFFIX = ".log"


@dataclass(frozen=True)
class Event:
    """One line of output."""

    #: Milliseconds since the epoch.
    timestamp: int
    message: str
    #: Where the next line begins in the file.
    end: int


@dataclass(frozen=True)
class Stream:
    """One log stream."""

    group: str
    name: str
    path: Path


class LogFolder:
    """The log groups of one state folder, by region."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def job_log(self, job: Record) -> Path:
        """Return the file of a job: stream `<job>/algo-1-<epoch>`, as AWS names it."""
        stream = f"{job.name}/{HOST}-{int(job.created_at)}"
        return self._path(job.region, _GROUPS[job.kind], stream)

    def transform_log(self, job: Record, instance: str) -> Path:
        """Return the file of a transform's instance: `<job>/<instance>-<epoch>`."""
        stream = f"{job.name}/{instance}-{int(job.created_at)}"
        return self._path(job.region, _GROUPS[job.kind], stream)

    def data_log(self, job: Record, instance: str) -> Path:
        """Return the file that says what became of a transform's data."""
        stream = f"{job.name}/{instance}-{int(job.created_at)}/data-log"
        return self._path(job.region, _GROUPS[job.kind], stream)

    def instance_log(
        self, region: str, endpoint: str, *, variant: str, instance: str
    ) -> Path:
        """Return the file of an endpoint's instance: stream `<variant>/<instance>`."""
        return self._path(region, f"{_ENDPOINTS}{endpoint}", f"{variant}/{instance}")

    def groups(self, region: str) -> list[str]:
        """Return every log group that has a stream."""
        top = self._folder / region
        jobs = [group for group in _GROUPS.values() if (top / _folder(group)).is_dir()]
        endpoints = (top / _folder(_ENDPOINTS)).glob("*/")
        return sorted(jobs + [f"{_ENDPOINTS}{path.name}" for path in endpoints])

    def streams(self, region: str, group: str) -> list[Stream]:
        """Return the streams of a group, by name."""
        folder = self._folder / region / _folder(group)
        paths = {
            path.relative_to(folder).as_posix().removesuffix(_SUFFIX): path
            for path in folder.rglob(f"*{_SUFFIX}")
        }
        return [Stream(group, name, paths[name]) for name in sorted(paths)]

    def _path(self, region: str, group: str, stream: str) -> Path:
        return self._folder / region / _folder(group) / f"{stream}{_SUFFIX}"


def is_ours(group: str) -> bool:
    """Say whether a log group is one that this server writes."""
    endpoint = group.removeprefix(_ENDPOINTS)
    is_endpoint = endpoint != group and bool(_NAME.fullmatch(endpoint))
    return group in _GROUPS.values() or is_endpoint


def events(path: Path, start: int = 0) -> Iterator[Event]:
    """Yield the complete lines of a file from a position on."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return
    with file:
        file.seek(start)
        position = start
        for line in file:
            if not line.endswith(b"\n"):
                return
            position += len(line)
            moment, _, message = line.rstrip(b"\n").partition(b" ")
            text = message.decode("utf-8", errors="replace")
            yield Event(int(moment), text, position)


def _folder(group: str) -> str:
    return group.removeprefix(PREFIX)
