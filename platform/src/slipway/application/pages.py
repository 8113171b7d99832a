"""What part of a list can be asked for."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from slipway.application.fields import (
    CURSOR,
    DeploymentState,
    EndpointState,
    ModelName,
    OperationState,
    RunId,
    RunKey,
    RunState,
    VersionState,
    is_a_row,
)
from slipway.application.requests import Asked, ModelNamed


class PageAsked(Asked):
    """A part of a list."""

    limit: int = Field(50, ge=1, le=200)
    cursor: Annotated[str, AfterValidator(is_a_row)] | None = Field(
        None, pattern=CURSOR, description="A page's `next_cursor`"
    )

    @property
    def before(self) -> int | None:
        """The number that every row of the page is below; None: it is the first page."""
        return int(self.cursor) if self.cursor else None

    def cursor_after(self, numbers: Sequence[int]) -> str | None:
        """Return the next page's cursor, of the rows and one more that were read."""
        return str(numbers[self.limit - 1]) if len(numbers) > self.limit else None


class ModelPageAsked(PageAsked):
    """A part of a list, of one model or of all."""

    model: ModelName | None = None


class EndpointPageAsked(ModelPageAsked):
    """A part of the endpoints."""

    state: EndpointState | None = None


class DeploymentPageAsked(ModelPageAsked):
    """A part of the deployments."""

    state: DeploymentState | None = None


class OperationPageAsked(ModelPageAsked):
    """A part of the operations, of one run or model, or of all."""

    run_id: RunId | None = None
    state: OperationState | None = None


class RunPageAsked(ModelPageAsked):
    """A part of the runs."""

    state: RunState | None = None
    key: RunKey | None = Field(
        None, description="The caller's own name for a run: the one opened with it"
    )


class VersionPageAsked(ModelPageAsked):
    """A part of the versions."""

    state: VersionState | None = None


class OverridesAsked(ModelNamed, PageAsked):
    """A part of what is set over a model's files."""

    history: Literal["now", "all"] = "now"
