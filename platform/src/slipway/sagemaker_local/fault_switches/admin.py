"""The admin path of the fault switches."""

import orjson
from werkzeug.wrappers import Request, Response

from slipway.errors import InvalidRequestError
from slipway.sagemaker_local.fault_switches.rules import Rule
from slipway.sagemaker_local.fault_switches.switches import FaultSwitches

PATH = "/_slipway/faults"


def administered(switches: FaultSwitches, request: Request) -> Response:
    """Answer GET (show), POST (add rules), PUT (replace all) and DELETE (clear)."""
    if not switches.enabled:
        return _said(404, "Start the server with --fault-switches to have this path")
    try:
        if request.method in ("POST", "PUT"):
            _arm(switches, request)
        elif request.method == "DELETE":
            switches.clear()
        elif request.method != "GET":
            return _said(405, f"GET, POST, PUT or DELETE, not {request.method}")
    except InvalidRequestError as error:
        return _said(400, str(error))
    return _answer(200, switches.json())


def _arm(switches: FaultSwitches, request: Request) -> None:
    try:
        content = orjson.loads(request.get_data())
    except orjson.JSONDecodeError as error:
        message = f"The rules are not JSON: {error}"
        raise InvalidRequestError(message) from error
    if not isinstance(content, dict) or not isinstance(content.get("rules"), list):
        message = 'Expected {"rules": [{"kind": "throttle", "operation": "Create*"}]}'
        raise InvalidRequestError(message)
    rules = [Rule.of_json(each) for each in content["rules"]]
    put = switches.replace if request.method == "PUT" else switches.arm
    put(rules)


def _said(status: int, message: str) -> Response:
    return _answer(status, {"message": message})


def _answer(status: int, content: object) -> Response:
    return Response(orjson.dumps(content), status, content_type="application/json")
