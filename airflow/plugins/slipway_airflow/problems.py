"""Why the controller did not do what it was asked, and what Airflow makes of it."""

from typing import Any

try:
    from airflow.sdk.exceptions import (
        AirflowException,
        AirflowFailException,
        AirflowSkipException,
    )
except ImportError:  # Airflow 3.0 has them elsewhere
    from airflow.exceptions import (  # type: ignore[assignment,no-redef,unused-ignore]
        AirflowException,
        AirflowFailException,
        AirflowSkipException,
    )

__all__ = [
    "AirflowException",
    "AirflowFailException",
    "AirflowSkipException",
    "ControllerError",
    "refused",
    "unreachable",
]

#: Statuses that another try may not meet.
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
_NOT_LET_IN = "the controller at {url} refused the token of the connection '{connection}': {detail}"
_UNREACHABLE = (
    "the controller at {url} cannot be reached ({reason}). Start it, or correct the"
    " connection '{connection}'"
)


class ControllerError(Exception):
    """The controller did not do what it was asked; the message is one line."""

    def __init__(self, message: str, *, retryable: bool, code: str = "") -> None:
        super().__init__(message)
        self.retryable = retryable
        self.code = code

    def failure(self, asked: str) -> AirflowException:
        """Return what the task raises: one that is tried again, or one that is not."""
        kind = AirflowException if self.retryable else AirflowFailException
        return kind(f"{asked}: {self}")


def unreachable(url: str, connection: str, error: Exception) -> ControllerError:
    """Return the problem that nothing answered."""
    reason = str(error).strip() or type(error).__name__
    said = _UNREACHABLE.format(url=url, reason=reason, connection=connection)
    return ControllerError(said, retryable=True, code="unreachable")


def refused(url: str, connection: str, status: int, said: Any) -> ControllerError:
    """Return the problem that an answer with an error status tells of."""
    problem = said if isinstance(said, dict) else {}
    detail = str(problem.get("detail") or f"the controller at {url} answered {status}")
    if status in {401, 403}:
        detail = _NOT_LET_IN.format(url=url, connection=connection, detail=detail)
    return ControllerError(
        " ".join(detail.split()),
        retryable=bool(problem.get("retryable", status in _PASSING)),
        code=str(problem.get("code", "")),
    )
