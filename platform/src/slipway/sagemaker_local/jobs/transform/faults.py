"""Why an object is not transformed, in AWS's words."""

from typing import Literal

from slipway.errors import SlipwayError

Blame = Literal["ClientError", "AlgorithmError"]


class ObjectFaultError(SlipwayError):
    """One object fails; the message is what the data log says of it."""

    def __init__(self, message: str, blame: Blame = "ClientError") -> None:
        super().__init__(message)
        self.blame: Blame = blame


class CancelledError(SlipwayError):
    """The job is to stop: nothing more is asked or stored."""


class ContainerEndedError(SlipwayError):
    """The container ended before the job did."""


def too_large() -> ObjectFaultError:
    """Return the fault of a record that no request can hold."""
    return ObjectFaultError("Too much data for max payload size")


def unreadable(form: str, why: str) -> ObjectFaultError:
    """Return the fault of an object that is not what the job says it is."""
    return ObjectFaultError(f"ClientError: the object is not {form}: {why}")
