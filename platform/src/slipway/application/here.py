"""The actions of a controller, done in this process by whoever is at the command line."""

from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from slipway.application.actions import ACTIONS_BY_NAME
from slipway.application.faults import faults_of
from slipway.application.workspace import Workspace
from slipway.errors import InvalidRequestError


@dataclass(frozen=True)
class Here:
    """Answers as a controller over HTTP does, with no server between."""

    workspace: Workspace

    def ask(self, name: str, /, **said: Any) -> Any:
        """Do the action called `name`; return its view, or raise why it is refused."""
        action = ACTIONS_BY_NAME[name]
        try:
            asked = action.asks.model_validate(said)
        except ValidationError as error:
            raise InvalidRequestError(faults_of(error)) from error
        made = action.function(self.workspace, asked)
        return made[0] if isinstance(made, tuple) else made
