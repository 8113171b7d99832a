"""SageMaker's contract with a container: exit codes, the failure file, the message."""

import logging
import signal
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from slipway.container.files import write_text_if_possible
from slipway.container.model_package import ModelPackage
from slipway.container.paths import Paths
from slipway.errors import InvalidRequestError, SlipwayError

#: How many characters of the failure file SageMaker shows.
LONGEST_FAILURE = 1024
#: How many bytes of the message file SageMaker shows.
LONGEST_MESSAGE = 1024
#: The exit code of a command that SIGTERM ended.
STOPPED = 128 + signal.SIGTERM

_log = logging.getLogger(__name__)


class StopRequestedError(BaseException):
    """SageMaker asked the job to stop; no `except Exception` of a model swallows it."""


@dataclass(frozen=True)
class Job:
    """What a command is given: where its files are, and which model it works for."""

    #: The tree below `/opt/ml`.
    paths: Paths
    #: The model's folder in the image.
    model: ModelPackage
    #: The environment that the job was started with.
    environ: Mapping[str, str]


Command = Callable[[Job], str]


def run_command(command: Command, job: Job) -> int:
    """Run `command`, leave its message or failure behind, and return the exit code."""
    try:
        _leave(job.paths.message, command(job), LONGEST_MESSAGE)
    except StopRequestedError:
        _log.warning("stopped signal=SIGTERM")
        _fail(job.paths, "Stopped by SIGTERM before it was done")
        return STOPPED
    except SlipwayError as error:
        return _refuse(job.paths, error)
    except Exception as error:  # noqa: BLE001  # the entry point: nothing may pass it
        _log.exception("command_failed")
        _fail(job.paths, describe(error, job.model.folder))
        return 1
    return 0


def refuse(paths: Paths, error: SlipwayError) -> int:
    """Report an error that comes before there is a job, and return the exit code."""
    return _refuse(paths, error)


def describe(error: BaseException, folder: Path) -> str:
    """Return `KeyError: 'age' (models/churn/model.py:12)` for a fault in a model's code.

    The place is the deepest line of the model's own folder; the deepest line of all
    where the model's code took no part.
    """
    frames = traceback.extract_tb(error.__traceback__)
    inside = [frame for frame in frames if _is_below(frame.filename, folder)]
    text = f"{type(error).__name__}: {error}"
    if inside:
        name = Path(inside[-1].filename).resolve().relative_to(folder.resolve())
        return f"{text} (models/{folder.name}/{name}:{inside[-1].lineno})"
    if frames:
        return f"{text} ({Path(frames[-1].filename).name}:{frames[-1].lineno})"
    return text


def stop_on_sigterm() -> None:
    """Turn SIGTERM into StopRequestedError, so that a stopped job leaves nothing half done.

    A container's first process ignores the signals that it does not handle: serve needs
    this until gunicorn handles them itself.
    """

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise StopRequestedError

    signal.signal(signal.SIGTERM, stop)


def required(environ: Mapping[str, str], name: str) -> str:
    """Return an environment variable, or raise InvalidRequestError when it is not set."""
    if not (value := environ.get(name, "")):
        message = f"The environment variable {name} is not set: the image sets it"
        raise InvalidRequestError(message)
    return value


def _refuse(paths: Paths, error: SlipwayError) -> int:
    _log.error("%s", error)
    _fail(paths, str(error))
    return 2 if error.exit_code == 2 else 1


def _fail(paths: Paths, reason: str) -> None:
    write_text_if_possible(paths.failure, reason[:LONGEST_FAILURE])
    _leave(paths.message, reason, LONGEST_MESSAGE)


def _leave(path: Path, text: str, longest: int) -> None:
    """Write at most `longest` bytes of `text`, cut between two characters."""
    cut = text.encode("utf-8", "replace")[:longest].decode("utf-8", "ignore")
    write_text_if_possible(path, cut)


def _is_below(filename: str, folder: Path) -> bool:
    return Path(filename).resolve().is_relative_to(folder.resolve())
