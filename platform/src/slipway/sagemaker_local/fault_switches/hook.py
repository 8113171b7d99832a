"""Where faults meet requests: around every answer of the front."""

from collections.abc import Callable

from werkzeug.wrappers import Request, Response

from slipway.sagemaker_local.fault_switches.calls import call_of
from slipway.sagemaker_local.fault_switches.switches import FaultSwitches
from slipway.sagemaker_local.http_server import DroppedAnswerError
from slipway.sagemaker_local.routing import Scope

_REFUSED = 300


def with_faults(
    switches: FaultSwitches,
    request: Request,
    scope: Scope,
    answer: Callable[[Request, Scope], Response],
) -> Response:
    """Answer a request as the rules say; without fault switches, as ever."""
    if not switches.enabled:
        return answer(request, scope)
    call, executed = call_of(request, scope), False
    try:
        response = switches.strike("before", call)
        if response is None:
            response = answer(request, scope)
            executed = response.status_code < _REFUSED
        if executed:
            response = switches.strike("after", call, response) or response
    except DroppedAnswerError:
        switches.record(call, None, executed=executed)
        raise
    switches.record(call, response, executed=executed)
    return response
