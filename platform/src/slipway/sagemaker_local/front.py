"""The one port: every request to the service that it was signed for."""

import logging
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import orjson
from werkzeug.wrappers import Request, Response

from slipway.sagemaker_local.access.gate import Gate
from slipway.sagemaker_local.autoscaling.app import auto_scaling_front
from slipway.sagemaker_local.autoscaling.supported import SERVICE as AUTO_SCALING
from slipway.sagemaker_local.cloudwatch.app import (
    SIGNED_AS,
    CloudWatchApp,
    turned_away,
)
from slipway.sagemaker_local.control_plane import control_plane
from slipway.sagemaker_local.endpoints.invocation import Runtime
from slipway.sagemaker_local.fault_switches.admin import PATH as FAULTS
from slipway.sagemaker_local.fault_switches.admin import administered
from slipway.sagemaker_local.fault_switches.hook import with_faults
from slipway.sagemaker_local.fault_switches.switches import FaultSwitches
from slipway.sagemaker_local.faults import AwsError
from slipway.sagemaker_local.http_server import DroppedAnswerError
from slipway.sagemaker_local.logs.app import LOGS, logs_front
from slipway.sagemaker_local.moto_services import MotoServices
from slipway.sagemaker_local.protocol import refusal
from slipway.sagemaker_local.refusals import refused
from slipway.sagemaker_local.routing import RUNTIME_PATH, Scope, scope_of
from slipway.sagemaker_local.s3.app import S3App
from slipway.sagemaker_local.s3.request import Stores
from slipway.sagemaker_local.stack import Stack

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_LOG = logging.getLogger(__name__)
HEALTH = "/_slipway/health"


class Front:
    """The WSGI application."""

    def __init__(
        self,
        stack: Stack,
        health: Mapping[str, Any],
        switches: FaultSwitches,
        gate: Gate,
    ) -> None:
        self._stack = stack
        self._switches = switches
        self._gate = gate
        self._health = orjson.dumps(health)
        self._control = control_plane(stack, switches.veil)
        self._runtime = Runtime(stack.endpoints, stack.observers)
        self._s3 = S3App(Stores(stack.objects, stack.uploads))
        self._auto_scaling = auto_scaling_front(stack)
        self._cloudwatch = CloudWatchApp(stack.cloudwatch)
        self._logs = logs_front(stack.logs)
        self._moto = MotoServices()

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer one request."""
        request = Request(environ)
        try:
            response = self._answer(request)
        except DroppedAnswerError:
            raise
        except Exception:  # noqa: BLE001  # the entry point: the client gets no trace
            _LOG.exception("request_crashed path=%s", request.path)
            message = "The local SageMaker server failed; its own log says why"
            response = refusal(AwsError("InternalFailure", message, 500))
        return response(environ, start_response)

    def _answer(self, request: Request) -> Response:
        try:
            self._gate.check_door(request)
        except AwsError as error:
            return refusal(error)
        if request.path == HEALTH:
            return Response(self._health, content_type="application/json")
        if request.path == FAULTS:
            return administered(self._switches, request)
        scope = scope_of(request)
        if scope is None:
            message = (
                "The request is not signed. Any credentials will do: set "
                "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
            )
            code = "MissingAuthenticationTokenException"
            return refusal(AwsError(code, message, 403))
        try:
            self._gate.check_signature(request, scope.service)
        except AwsError as error:
            if scope.service == SIGNED_AS:
                return turned_away(request, error)
            return refused(scope.service, error)
        return with_faults(self._switches, request, scope, self._routed)

    def _routed(self, request: Request, scope: Scope) -> Response:
        if scope.service == "s3":
            return self._s3(request, scope.region)
        if scope.service == "sagemaker":
            runtime = request.path.startswith(RUNTIME_PATH)
            answer = self._runtime if runtime else self._control
            return answer(request, scope.region)
        if scope.service == AUTO_SCALING:
            return self._auto_scaling(request, scope.region)
        if scope.service == LOGS.name:
            return self._logs(request, scope.region)
        if scope.service == SIGNED_AS:
            return self._cloudwatch(request, scope.region)
        return self._moto(request, scope.service)
