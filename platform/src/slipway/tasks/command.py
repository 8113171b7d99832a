"""What every command has in common: one error line, an exit code, `--json`."""

import functools
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import orjson
from invoke.exceptions import Exit
from invoke.tasks import Task
from invoke.tasks import task as invoke_task
from rich.console import Console

from slipway.errors import InterruptedRunError, SlipwayError

#: What the user reads on the way; answers go to standard output.
PROGRESS = Console(stderr=True, highlight=False)
#: What the user asked for.
ANSWER = Console(highlight=False, soft_wrap=True)

#: What each option means, in every command that has it.
HELP = {
    "model": "the model: a folder of models/",
    "env": "the environment: local (the default), staging or production",
    "date": "the date that the run is for, as 2026-01-31 (default: today, in UTC)",
    "param": "a SQL parameter as name=value; may be given more than once",
    "force": "take nothing from the cache: run every step again",
    "json": "print one JSON object to standard output, for machines",
}


def command(
    help: dict[str, str] | None = None,  # noqa: A002 - invoke's own name for it
    **options: Any,
) -> Callable[[Callable[..., Any]], Task[Any]]:
    """Return a decorator that makes a function an invoke task.

    The function returns what `--json` prints. A SlipwayError becomes one line on
    standard error and its exit code; anything else is a fault of ours, and is shown
    with its traceback.
    """

    def decorate(body: Callable[..., Any]) -> Task[Any]:
        @functools.wraps(body)
        def run(*args: Any, **kwargs: Any) -> None:
            as_json = bool(kwargs.get("json"))
            with _reported(as_json=as_json), _terminable():
                answer = body(*args, **kwargs)
                if as_json:
                    print_json(answer)

        names = body.__code__.co_varnames
        known = {name: text for name, text in HELP.items() if name in names}
        made: Task[Any] = invoke_task(help=known | (help or {}), **options)(run)
        return made

    return decorate


def print_json(value: object) -> None:
    """Write `value` as one JSON object to standard output."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS
    sys.stdout.buffer.write(orjson.dumps(value, option=options, default=str) + b"\n")
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
        print_json({"error": {"code": error.code, "message": str(error)}})
    PROGRESS.print(f"[bold red]error:[/] {_escaped(str(error))}", soft_wrap=True)
    raise Exit(code=error.exit_code) from cause


def _escaped(text: str) -> str:
    return text.replace("[", r"\[")


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
