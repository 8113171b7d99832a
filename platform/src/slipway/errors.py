"""Every error that Slipway raises on purpose, one class per cause."""

import difflib
from collections.abc import Iterable

#: How many names that are known a message lists.
_MOST_KNOWN = 40


class SlipwayError(Exception):
    """Something went wrong that Slipway can name; the message says what, where and what next."""

    #: What the command line exits with: 1 means it failed, 2 means it cannot be asked for.
    exit_code = 1
    #: The word a machine reads in `--json` output.
    code = "failed"


class InvalidRequestError(SlipwayError, ValueError):
    """What was asked for is impossible: an unknown name, a bad value, a broken file."""

    exit_code = 2
    code = "invalid_request"


class NotFoundError(InvalidRequestError):
    """There is nothing of this name or number."""

    code = "not_found"


class UnknownModelError(NotFoundError):
    """No folder of `models/` is called so."""

    code = "unknown_model"


class UnauthorizedError(SlipwayError, PermissionError):
    """The caller's token is missing, wrong, expired or revoked."""

    code = "unauthorized"


class ForbiddenError(UnauthorizedError):
    """The caller's role is too weak."""

    code = "forbidden"


class DocumentError(InvalidRequestError):
    """A YAML document does not say what it should; carries file and line."""

    code = "invalid_document"


class SqlError(InvalidRequestError):
    """A SQL script is not one SELECT with declared parameters."""

    code = "invalid_sql"


class PayloadError(InvalidRequestError):
    """SageMaker would refuse this payload."""

    code = "invalid_payload"


class ModelContractError(SlipwayError, TypeError):
    """A model's own code breaks the rules that the platform calls it by."""

    code = "model_contract"


class DataQualityError(SlipwayError, ValueError):
    """The extracted data does not meet the expectations of `model.yaml`."""

    code = "data_quality"


class GateError(SlipwayError):
    """A trained version does not meet a gate, and is rejected."""

    code = "gate_not_met"

    def __init__(self, message: str, missed: Iterable[str] = ()) -> None:
        super().__init__(message)
        #: The gates that it does not meet.
        self.missed = tuple(missed)


class IntegrityError(SlipwayError, ValueError):
    """A file is not the one that its manifest names."""

    code = "integrity"


class StepFailedError(SlipwayError, RuntimeError):
    """A step's job or deployment ended in failure."""

    code = "step_failed"


class FailedBeforeError(StepFailedError):
    """The same was deployed before, and did not serve well: it is not sent again."""

    exit_code = 2
    code = "failed_before"


class HeldError(SlipwayError):
    """A deployment goes no further until a person decides."""

    code = "held"


class InterruptedRunError(SlipwayError):
    """The user stopped the command; its job was stopped too."""

    exit_code = 130
    code = "interrupted"


class UnavailableError(SlipwayError, ConnectionError):
    """Something outside cannot be reached, or is not running."""

    code = "unavailable"


class ConflictError(SlipwayError):
    """Somebody else owns this resource, or changed it meanwhile."""

    code = "conflict"


class SpecChangedError(ConflictError):
    """The model's spec is not the one that the caller was made from."""

    code = "spec_changed"


class FencedError(ConflictError):
    """The writer's lease was taken by somebody else: nothing of it is written."""

    code = "fenced"


class StuckError(SlipwayError, TimeoutError):
    """Something passed its deadline, and a person has to look."""

    code = "stuck"


class IllegalTransitionError(InvalidRequestError):
    """A state machine does not allow this trigger from where it is."""

    code = "illegal_transition"


def shortened(text: str, most: int) -> str:
    """Return a text as a message shows it: no more than its first `most` characters."""
    return text if len(text) <= most else f"{text[:most]}…"


def suggestion(name: str, known: Iterable[str]) -> str:
    """Return ` Did you mean 'x'? Known: a, b, x` for a name that is not known."""
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=1)
    hint = f" Did you mean {close[0]!r}?" if close else ""
    listed = ", ".join(names[:_MOST_KNOWN]) or "none yet"
    more = len(names) - _MOST_KNOWN
    return f"{hint} Known: {listed}{f' and {more} more' if more > 0 else ''}"
