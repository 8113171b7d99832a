"""A local server put together from its settings."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from slipway.sagemaker_local.access.credentials import KeyPair
from slipway.sagemaker_local.autoscaling.capacities import EndpointCapacities
from slipway.sagemaker_local.autoscaling.controller import Controller
from slipway.sagemaker_local.capture.recorder import Recorder
from slipway.sagemaker_local.cloudwatch.service import opened
from slipway.sagemaker_local.endpoints.registry import Endpoints, Services
from slipway.sagemaker_local.executors.choice import Choice, chosen_executor
from slipway.sagemaker_local.hazards import Hazards
from slipway.sagemaker_local.jobs.registry import Jobs
from slipway.sagemaker_local.jobs.runner import Workshop
from slipway.sagemaker_local.logs.folder import LogFolder
from slipway.sagemaker_local.s3.objects import ObjectStore
from slipway.sagemaker_local.s3.uploads import Uploads
from slipway.sagemaker_local.stack import Stack
from slipway.sagemaker_local.store import Store


@dataclass(frozen=True)
class ServerSettings:
    """What a server is started with."""

    #: Where it keeps everything.
    state: Path
    #: Where images that run as processes are.
    images: Path
    executor: Choice
    #: Of this server, for jobs that are not isolated.
    endpoint_url: str
    #: What such jobs sign with.
    role: KeyPair
    #: Seconds between SIGTERM and SIGKILL when a job is stopped.
    stop_grace: float


def assembled(settings: ServerSettings, hazards: Hazards) -> Stack:
    """Open the state and put the parts together; nothing runs yet."""
    state = settings.state
    executor = chosen_executor(settings.executor, state, settings.images)
    store = Store(state / "sagemaker.sqlite")
    objects = ObjectStore(state / "s3")
    logs = LogFolder(state / "logs")
    workshop = Workshop(
        store=store,
        objects=objects,
        executor=executor,
        logs=logs,
        role=lambda region: _role(settings, region),
        stop_grace=settings.stop_grace,
        hazards=hazards,
    )
    cloudwatch = opened(state / "cloudwatch.sqlite")
    endpoints = Endpoints(
        Services(store, executor, objects, logs, hazards, alarms=cloudwatch.alarms)
    )
    capture = Recorder(objects)
    return Stack(
        store=store,
        objects=objects,
        uploads=Uploads(objects),
        executor=executor,
        logs=logs,
        jobs=Jobs(workshop),
        endpoints=endpoints,
        capture=capture,
        cloudwatch=cloudwatch,
        observers=(capture, cloudwatch.watch.observe),
    )


def scaling(stack: Stack, period: int) -> Controller:
    """Return what scales the variants of a stack; it does not run yet."""
    capacities = EndpointCapacities(stack)
    return Controller(stack.store, stack.cloudwatch, capacities, period=period)


def resume(stack: Stack) -> None:
    """Carry on with what the last server left, and remove what nobody knows."""
    known = stack.jobs.handles() | stack.endpoints.handles()
    orphans = stack.executor.handles() - known
    stack.jobs.resume()
    stack.endpoints.resume()
    stack.cloudwatch.watch.start()

    def sweep() -> None:
        for handle in sorted(orphans):
            stack.executor.remove(handle)

    threading.Thread(target=sweep, name="sweep", daemon=True).start()


def shut_down(stack: Stack) -> None:
    """Stop everything that the server started, and close the state."""
    endings = [
        threading.Thread(target=end)
        for end in (stack.jobs.shut_down, stack.endpoints.shut_down)
    ]
    for ending in endings:
        ending.start()
    for ending in endings:
        ending.join()
    # What was being deleted or drained meanwhile.
    for handle in stack.executor.handles():
        stack.executor.remove(handle)
    stack.capture.close()
    stack.cloudwatch.close()
    stack.store.close()
    stack.objects.close()


def _role(settings: ServerSettings, region: str) -> Mapping[str, str]:
    """Return the variables that stand for a job's role."""
    return {
        "AWS_ENDPOINT_URL": settings.endpoint_url,
        "AWS_DEFAULT_REGION": region,
        "AWS_REGION": region,
        "AWS_ACCESS_KEY_ID": settings.role.id,
        "AWS_SECRET_ACCESS_KEY": settings.role.secret,
    }
