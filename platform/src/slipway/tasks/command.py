"""What every command has in common: its answer, one error line, an exit code."""

import functools
import inspect
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any

import orjson
from invoke.exceptions import Exit
from invoke.tasks import Task
from invoke.tasks import task as invoke_task
from rich.console import Console, RenderableType

from slipway.errors import InterruptedRunError, InvalidRequestError, SlipwayError

#: What the user reads on the way; answers go to standard output.
PROGRESS = Console(stderr=True, highlight=False, soft_wrap=True)
#: What the user asked for.
_OUTPUT = Console(highlight=False, soft_wrap=True)

#: What each option means, in every command that has it.
HELP = {
    "model": "the model: a folder of models/",
    "env": "the environment: local (the default), staging or production",
    "date": "the date that the run is for, as 2026-01-31 (default: today, in UTC)",
    "param": "a SQL parameter as name=value; may be given more than once",
    "force": "take nothing from the cache: run every step again",
    "controller": "the address of a controller's API that does it, asked with"
    " SLIPWAY_TOKEN (default: SLIPWAY_CONTROLLER; without one, this process does)",
    "json": "print one JSON object to standard output, for machines",
}


def _option(name: str, default: object) -> inspect.Parameter:
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    return inspect.Parameter(name, kind, default=default, annotation=type(default))


#: The options that every command has beside its own.
_JSON, _CONTROLLER = _option("json", default=False), _option("controller", default="")
#: What `--controller` means to a command that only this process can do.
_NOBODY_ELSE = "refused: no controller does this"


@dataclass(frozen=True)
class Answer:
    """What a command answers, to machines and to people."""

    #: What `--json` prints.
    data: dict[str, Any]
    #: What people read, one below the other.
    shown: tuple[RenderableType, ...] = ()
    #: What the command exits with: 1 where a part of the answer is an error.
    exit_code: int = 0


def command(
    help: dict[str, str] | None = None,  # noqa: A002 - invoke's own name for it
    **options: Any,
) -> Callable[[Callable[..., Answer]], Task[Any]]:
    """Return a decorator that makes a function an invoke task.

    A SlipwayError becomes one line on standard error and its exit code; anything else
    is a fault of ours, and is shown with its traceback.
    """

    def decorate(body: Callable[..., Answer]) -> Task[Any]:
        signature = inspect.signature(body)
        is_remote = _CONTROLLER.name in signature.parameters

        @functools.wraps(body)
        def run(*args: Any, json: bool = False, **kwargs: Any) -> None:
            if "--help" in kwargs.values():  # invoke reads it as a positional's value
                words = [sys.executable, "-m", "invoke", "--help", made.name]
                os.execv(sys.executable, words)  # noqa: S606 - our own command
            with _reported(as_json=json), _terminable():
                if not is_remote:
                    _refuse_controller(made.name, kwargs.pop(_CONTROLLER.name, ""))
                answer = body(*args, **kwargs)
                if json:
                    _print_json(answer.data)
                else:
                    for part in answer.shown:
                        _OUTPUT.print(part)
            if answer.exit_code:
                raise Exit(code=answer.exit_code)

        options_too = [*signature.parameters.values(), _JSON]
        options_too += [] if is_remote else [_CONTROLLER]
        run.__signature__ = signature.replace(parameters=options_too)  # type: ignore[attr-defined]  # inspect reads it
        names = {parameter.name for parameter in options_too}
        known = {name: text for name, text in HELP.items() if name in names}
        known |= {} if is_remote else {_CONTROLLER.name: _NOBODY_ELSE}
        made: Task[Any] = invoke_task(help=known | (help or {}), **options)(run)
        return made

    return decorate


def _refuse_controller(name: str, controller: str) -> None:
    if controller:
        message = (
            f"--controller {controller!r}: no controller does what invoke {name} does."
            " Leave it out: this process does it"
        )
        raise InvalidRequestError(message)


def _print_json(value: object) -> None:
    text = orjson.dumps(value, option=orjson.OPT_INDENT_2, default=str)
    sys.stdout.buffer.write(text + b"\n")
    sys.stdout.flush()


@contextmanager
def _reported(*, as_json: bool) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt as error:
        _fail(InterruptedRunError("Interrupted"), as_json=as_json, cause=error)
    except SlipwayError as error:
        _fail(error, as_json=as_json, cause=error)


def _fail(error: SlipwayError, *, as_json: bool, cause: BaseException) -> None:
    if as_json:
        _print_json({"error": {"code": error.code, "message": str(error)}})
    text = str(error).replace("[", r"\[")
    PROGRESS.print(f"[bold red]error:[/] {text}")
    raise Exit(code=error.exit_code) from cause


@contextmanager
def _terminable() -> Iterator[None]:
    """Treat SIGTERM as Ctrl-C: what was started is stopped, and recorded so."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
