"""What a test asks for: one fault, for which calls, and how often."""

from dataclasses import asdict, dataclass, fields
from fnmatch import fnmatchcase
from typing import Any, Self, get_args

from slipway.errors import InvalidRequestError, suggestion
from slipway.sagemaker_local.fault_switches.calls import Call


@dataclass(frozen=True)
class Rule:
    """One fault; the patterns are of the shell's kind: `Create*`."""

    #: A name of the table of kinds.
    kind: str
    #: Of services, by the name that their clients have in boto3.
    service: str = "*"
    #: Of operations, by AWS's name.
    operation: str = "*"
    #: Of resources: a job's or an endpoint's name, or S3's `bucket/key`.
    name: str = "*"
    #: How often it fires; None does not end.
    times: int | None = None
    #: How many matching calls go by before it may fire.
    skip: int = 0
    #: Of firing at a matching call.
    probability: float = 1.0
    #: Of the random numbers behind `probability`.
    seed: int = 0
    #: Of an error: AWS's code, message and HTTP status instead of the kind's own.
    code: str | None = None
    message: str | None = None
    status: int | None = None
    #: How long something takes or lasts.
    seconds: float | None = None
    #: For how many calls a new resource is not seen.
    calls: int | None = None
    #: Of an endpoint's variants.
    variant: str = "*"

    @classmethod
    def of_json(cls, content: object) -> Self:
        """Read a rule; one that is not well formed is an InvalidRequestError."""
        if not isinstance(content, dict):
            message = f"A rule is an object, not {content!r}"
            raise InvalidRequestError(message)
        known = {each.name: each for each in fields(cls)}
        for name, value in content.items():
            if name not in known:
                message = f"A rule has no '{name}'.{suggestion(name, known)}"
                raise InvalidRequestError(message)
            _check_type(name, known[name].type, value)
        if "kind" not in content:
            message = f"A rule needs its 'kind': {content!r}"
            raise InvalidRequestError(message)
        return cls(**content)

    def json(self) -> dict[str, Any]:
        """Return the rule as `of_json` reads it, without what says nothing."""
        return {
            name: value for name, value in asdict(self).items() if value is not None
        }

    def matches(self, call: Call) -> bool:
        """Say whether the rule is about a call."""
        return (
            fnmatchcase(call.service, self.service)
            and fnmatchcase(call.operation, self.operation)
            and fnmatchcase(call.name, self.name)
            and fnmatchcase(call.variant, self.variant)
        )


def _check_type(name: str, declared: Any, value: object) -> None:
    taken = get_args(declared) or (declared,)
    whole = (int,) if float in taken else ()
    if isinstance(value, bool) or not isinstance(value, (*taken, *whole)):
        names = " or ".join(each.__name__ for each in taken)
        message = f"'{name}' of a rule takes {names}, not {value!r}"
        raise InvalidRequestError(message)
