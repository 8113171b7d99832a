"""What a field of a request may hold."""

import datetime as dt
import re
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, Field
from pydantic_core import CoreSchema, core_schema

from slipway.controller.states import CHARTS

#: The largest number that every database takes.
MOST = 2**31 - 1
#: Stands for every state in which somebody still has to do something.
UNFINISHED = "unfinished"
PRINTABLE = r"^[^\x00-\x1f\x7f]*$"
ENDPOINT = r"^[A-Za-z0-9-]{1,63}$"
CURSOR = r"^[0-9]{1,10}$"
COLLECTED = r"^[a-z][a-z0-9_]{0,31}\.[0-9]{1,9}$"
TAG = r"^[a-z0-9][a-z0-9._-]{0,63}$"
LINES = r"^([0-9]{1,15}\.[0-9]{1,9})?$"
_REASON = r"^[^\x00-\x1f\x7f]*[!-~][^\x00-\x1f\x7f]*$"
_NAME = r"^[a-z][a-z0-9_]*$"
_WORD = r"^[A-Za-z0-9._-]{1,64}$"
_STATE = r"^[a-z_]{1,32}$"
_KEY = r"^[A-Za-z][A-Za-z0-9_.-]{0,199}$"
_DIGEST = r"^[a-z0-9:]*$"
#: What each pattern asks for, as a refusal says it.
WORDS = {
    PRINTABLE: "one line of text",
    ENDPOINT: "1 to 63 letters, digits and -",
    CURSOR: "a page's next_cursor",
    COLLECTED: "a collection's next_cursor",
    LINES: "a next_token, or empty",
    _REASON: "one line of text that is not empty",
    _NAME: "lower-case letters, digits and _, a letter first",
    _WORD: "1 to 64 letters, digits and . _ -",
    _STATE: "1 to 32 lower-case letters and _",
    _KEY: "a key such as train.depth: 1 to 200 letters, digits and . _ -",
    TAG: "1 to 64 of a-z 0-9 . _ and -, a letter or a digit first",
    _DIGEST: "a digest such as sha256:0b2d",
}


def _in_every_zone(moment: dt.datetime) -> dt.datetime:
    """Return a moment in UTC; ValueError for one that UTC's calendar does not hold."""
    try:
        return moment.astimezone(dt.UTC)
    except OverflowError as error:
        message = "is before the year 1 or after the year 9999 in UTC"
        raise ValueError(message) from error


def is_a_row(cursor: str) -> str:
    """Return a cursor; ValueError for a number that no row has."""
    if not re.fullmatch(CURSOR, cursor) or int(cursor) > MOST:
        message = "it is no cursor of a page"
        raise ValueError(message)
    return cursor


@dataclass(frozen=True)
class StateOf:
    """A state of a chart, or one of the words that stand for several."""

    kind: str
    more: tuple[str, ...] = ()

    def __get_pydantic_core_schema__(self, _source: Any, _handler: Any) -> CoreSchema:
        """Return what refuses any other word, and names these."""
        return core_schema.literal_schema([*CHARTS[self.kind].names, *self.more])


Moment = Annotated[AwareDatetime, AfterValidator(_in_every_zone)]

ModelName = Annotated[str, Field(pattern=_NAME, max_length=32, examples=["churn_risk"])]
RunId = Annotated[str, Field(pattern=_WORD)]
StepName = Annotated[str, Field(pattern=_STATE, examples=["train"])]
Text = Annotated[str, Field(pattern=PRINTABLE, max_length=4000)]
Reason = Annotated[str, Field(pattern=_REASON, max_length=4000)]
#: Of an override, which keeps it in a column of its own.
Purpose = Annotated[str, Field(pattern=_REASON, max_length=1024)]
ParameterName = Annotated[str, Field(pattern=_NAME, max_length=63)]
ConfigKey = Annotated[str, Field(pattern=_KEY)]
Value = Annotated[str, Field(pattern=PRINTABLE, min_length=1, max_length=4000)]
Tag = Annotated[str, Field(pattern=TAG)]
Number = Annotated[int, Field(ge=1, le=MOST)]
Champion = Annotated[
    int | None,
    Field(ge=0, le=MOST, description="Go on only if it serves now; 0: none does"),
]
Word = Annotated[str, Field(pattern=_WORD)]
RunKey = Annotated[str, Field(pattern=PRINTABLE, min_length=1, max_length=250)]
Digest = Annotated[str, Field(pattern=_DIGEST, max_length=80)]
RunState = Annotated[str, StateOf("run")]
VersionState = Annotated[str, StateOf("model_version")]
DeploymentState = Annotated[str, StateOf("deployment")]
EndpointState = Annotated[str, StateOf("endpoint")]
OperationState = Annotated[str, StateOf("operation", (UNFINISHED,))]
