"""What a field of a request may hold."""

import datetime as dt
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, Field

#: The largest number that every database takes.
MOST = 2**31 - 1
PRINTABLE = r"^[^\x00-\x1f\x7f]*$"


def _in_every_zone(moment: dt.datetime) -> dt.datetime:
    """Return a moment in UTC; ValueError for one that UTC's calendar does not hold."""
    try:
        return moment.astimezone(dt.UTC)
    except OverflowError as error:
        message = "is before the year 1 or after the year 9999 in UTC"
        raise ValueError(message) from error


def is_a_row(cursor: str) -> str:
    """Return a cursor; ValueError for a number that no row has."""
    if int(cursor) > MOST:
        message = "is no cursor of a page"
        raise ValueError(message)
    return cursor


Moment = Annotated[AwareDatetime, AfterValidator(_in_every_zone)]

ModelName = Annotated[
    str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=32, examples=["churn_risk"])
]
RunId = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
StepName = Annotated[str, Field(pattern=r"^[a-z_]{1,32}$", examples=["train"])]
Text = Annotated[str, Field(pattern=PRINTABLE, max_length=4000)]
Reason = Annotated[
    str, Field(pattern=r"^[^\x00-\x1f\x7f]*[!-~][^\x00-\x1f\x7f]*$", max_length=4000)
]
ConfigKey = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,199}$")]
Number = Annotated[int, Field(ge=1, le=MOST)]
Champion = Annotated[
    int | None,
    Field(ge=0, le=MOST, description="Go on only if it serves now; 0: none does"),
]
Word = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
RunKey = Annotated[str, Field(pattern=PRINTABLE, min_length=1, max_length=250)]
Digest = Annotated[str, Field(pattern=r"^[a-z0-9:]*$", max_length=80)]
State = Annotated[str, Field(pattern=r"^[a-z_]{1,32}$")]
