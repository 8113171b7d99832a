"""The folder of log files: one file for each stream, one line for each event."""

import re
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

    def has_group(self, region: str, group: str) -> bool:
        """Say whether a group of ours has had a stream."""
        return self._group(region, group).is_dir()

    def created_at(self, region: str, group: str) -> int:
        """Return when a group got its first stream, in milliseconds since the epoch."""
        folders = self._group(region, group).iterdir()
        return (
            min((each.stat().st_mtime_ns for each in folders), default=0) // 1_000_000
        )

    def streams(self, region: str, group: str, prefix: str = "") -> list[Stream]:
        """Return the streams of a group whose names begin so, by name."""
        folder = self._group(region, group)
        # A job's name or a variant's, if the prefix has all of it.
        first, slash, _ = prefix.partition("/")
        top = folder / first if slash and _NAME.fullmatch(first) else folder
        paths = {
            path.relative_to(folder).as_posix().removesuffix(_SUFFIX): path
            for path in top.rglob(f"*{_SUFFIX}")
        }
        found = sorted(name for name in paths if name.startswith(prefix))
        return [Stream(group, name, paths[name]) for name in found]

    def _group(self, region: str, group: str) -> Path:
        return self._folder / region / _folder(group)

    def _path(self, region: str, group: str, stream: str) -> Path:
        return self._group(region, group) / f"{stream}{_SUFFIX}"


def is_ours(group: str) -> bool:
    """Say whether a log group is one that this server writes."""
    endpoint = group.removeprefix(_ENDPOINTS)
    is_endpoint = endpoint != group and bool(_NAME.fullmatch(endpoint))
    return group in _GROUPS.values() or is_endpoint


def _folder(group: str) -> str:
    return group.removeprefix(PREFIX)
