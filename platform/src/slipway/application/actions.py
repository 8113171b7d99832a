"""Everything that the controller can be asked: one table for the API and its document."""

from slipway.application.routes.action import Action
from slipway.application.routes.environment import ON_ENVIRONMENTS
from slipway.application.routes.models import ON_MODELS
from slipway.application.routes.runs import ON_RUNS

ACTIONS: tuple[Action, ...] = (*ON_RUNS, *ON_MODELS, *ON_ENVIRONMENTS)
#: The same, by their names.
ACTIONS_BY_NAME = {action.name: action for action in ACTIONS}
