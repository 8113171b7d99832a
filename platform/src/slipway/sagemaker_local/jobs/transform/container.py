"""The serving container of a transform job."""

from collections.abc import Mapping
from typing import Any

from slipway.sagemaker_local.endpoints.instance import FleetFaultError
from slipway.sagemaker_local.endpoints.plan import STARTUP_TIMEOUT, VariantPlan
from slipway.sagemaker_local.executors.contract import ImageMissingError
from slipway.sagemaker_local.jobs.transform.parameters import environment
from slipway.sagemaker_local.model_data import (
    ModelDataError,
    model_data,
    serving_container,
)
from slipway.sagemaker_local.store import Record

SEE_LOGS = "See job logs for more information"


def frozen(model: Record, request: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a job keeps of its model: it may be deleted while the job runs."""
    container = serving_container(model.description)
    url, form = model_data(container)
    return {
        "image": container["Image"],
        "environment": {
            **container.get("Environment", {}),
            **request.get("Environment", {}),
            **environment(request),
        },
        "model_data_url": url,
        "model_data_form": form or "archive",
        "isolated": bool(model.description.get("EnableNetworkIsolation")),
        "hostname": container.get("ContainerHostname"),
    }


def serving(job: Record) -> VariantPlan:
    """Return the container of a job, as an endpoint's would be."""
    return VariantPlan(
        **job.execution["container"],
        name=job.name,
        instance_type=job.description["TransformResources"]["InstanceType"],
        instance_count=1,
        weight=1.0,
        startup_timeout=STARTUP_TIMEOUT,
    )


def reason(image: str, fault: FleetFaultError) -> str:
    """Return the FailureReason of a job whose container does not come up."""
    if isinstance(fault.__cause__, ImageMissingError):
        return f"ClientError: Cannot find repository or image: {image}"
    if isinstance(fault.__cause__, ModelDataError | OSError):
        return f"ClientError: {fault}"
    return f"AlgorithmError: {SEE_LOGS}"
