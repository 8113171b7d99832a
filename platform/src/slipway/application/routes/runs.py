"""What can be asked of runs, their steps and their operations."""

from slipway.application import opening, requests, resources, runs, steps, upkeep, views
from slipway.application.routes.action import Action
from slipway.application.views import Page

_RUN = "/runs/{run_id}"
_STEP = "/runs/{run_id}/steps/{step}"

ON_RUNS = (
    Action(
        name="run.open",
        role="operator",
        method="POST",
        path="/runs",
        asks=requests.RunAsked,
        answers=views.RunView,
        function=opening.open_asked_run,
        status=201,
    ),
    Action(
        "run.list",
        "viewer",
        "GET",
        "/runs",
        requests.RunPageAsked,
        Page[views.RunView],
        runs.list_runs,
    ),
    Action(
        "run.show",
        "viewer",
        "GET",
        _RUN,
        requests.RunNamed,
        views.RunView,
        runs.show_run,
    ),
    Action(
        "run.end",
        "operator",
        "POST",
        f"{_RUN}/end",
        requests.RunEnded,
        views.RunView,
        runs.end_asked_run,
    ),
    Action(
        "run.retire",
        "admin",
        "POST",
        f"{_RUN}/retire",
        requests.RunJudged,
        views.RunView,
        upkeep.retire_asked_run,
    ),
    Action(
        name="step.ask",
        role="operator",
        method="POST",
        path=_STEP,
        asks=requests.StepAsked,
        answers=views.StepView,
        function=steps.ask_step,
        status=202,
    ),
    Action(
        "step.show",
        "viewer",
        "GET",
        _STEP,
        requests.StepNamed,
        views.StepView,
        steps.show_step,
    ),
    Action(
        name="step.stop",
        role="operator",
        method="POST",
        path=f"{_STEP}/stop",
        asks=requests.StepNamed,
        answers=views.StepView,
        function=steps.stop_step,
        status=202,
    ),
    Action(
        "step.logs",
        "viewer",
        "GET",
        f"{_STEP}/logs",
        requests.LogsAsked,
        views.LogView,
        steps.read_logs,
    ),
    Action(
        "operation.list",
        "viewer",
        "GET",
        "/operations",
        requests.OperationPageAsked,
        Page[views.OperationLineView],
        resources.list_operations,
    ),
)
