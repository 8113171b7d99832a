"""The one container of a model: as a request gives it, and as it is run."""

from collections.abc import Mapping
from typing import Any

from slipway.sagemaker_local import faults
from slipway.sagemaker_local.model_data import is_there, model_data
from slipway.sagemaker_local.operations.package_operations import existing_package
from slipway.sagemaker_local.stack import Stack
from slipway.sagemaker_local.store import Record

Container = Mapping[str, Any]
_PRIMARY, _SEVERAL = "PrimaryContainer", "Containers"
_IMAGE = f"{_PRIMARY}.Image"
#: What a package may say of a container that runs.
_OF_A_PACKAGE = ("Image", "ModelDataUrl", "ModelDataSource")
_HOSTNAME = "ContainerHostname"
_PACKAGE, _SPECIFICATION = "ModelPackageName", "InferenceSpecificationName"


def given_container(request: Mapping[str, Any]) -> tuple[str, Container]:
    """Return the container of a CreateModel, and the member that it is given in."""
    several = request.get(_SEVERAL)
    if several is not None and _PRIMARY in request:
        raise faults.containers_and_primary()
    if several is None and _PRIMARY not in request:
        raise faults.missing_member(_PRIMARY)
    if several is None:
        return _PRIMARY, request[_PRIMARY]
    if not several:
        raise faults.missing_member(_SEVERAL)
    if len(several) > 1:
        raise faults.several_containers(_SEVERAL)
    return _SEVERAL, several[0]


def resolved(stack: Stack, region: str, container: Container) -> Container:
    """Return a container with what its model package says of it."""
    if _PACKAGE not in container:
        if _SPECIFICATION in container:
            raise faults.missing_member(_PACKAGE)
        return container
    for member in _OF_A_PACKAGE:
        if member in container:
            raise faults.two_sources(_PACKAGE, member)
    package = existing_package(stack, region, container[_PACKAGE])
    status = package.description.get("ModelApprovalStatus", "Approved")
    if status != "Approved":
        raise faults.package_not_approved(package.arn, status)
    packed = _packed(package, container.get(_SPECIFICATION))
    named = {name: packed[name] for name in _OF_A_PACKAGE if name in packed}
    if _HOSTNAME in packed:
        named[_HOSTNAME] = container.get(_HOSTNAME, packed[_HOSTNAME])
    environment = {**packed.get("Environment", {}), **container.get("Environment", {})}
    if environment:
        named["Environment"] = environment
    return {**container, **named, _PACKAGE: package.arn}


def check_container(stack: Stack, container: Container) -> None:
    """Refuse a container whose image or model data is not there."""
    if "Image" not in container:
        raise faults.missing_member(_IMAGE)
    if "ModelDataUrl" in container and "ModelDataSource" in container:
        raise faults.two_sources(*_OF_A_PACKAGE[1:])
    if stack.executor.digest(container["Image"]) is None:
        raise faults.image_missing(container["Image"])
    url, form = model_data(container)
    if form is None:
        source = container["ModelDataSource"]["S3DataSource"]
        raise faults.bad_model_data(source["S3DataType"], source["CompressionType"])
    if form == "prefix" and url is not None and not url.endswith("/"):
        raise faults.bad_model_prefix(url)
    if url is not None and not is_there(stack.objects, url, form):
        raise faults.model_data_missing(url)


def _packed(package: Record, specification: str | None) -> Container:
    """Return the one container of a package's inference specification."""
    chosen = package.description["InferenceSpecification"]
    if specification is not None:
        named = package.description.get("AdditionalInferenceSpecifications", [])
        found = [each for each in named if each["Name"] == specification]
        if not found:
            raise faults.no_such_specification(specification, package.arn)
        chosen = found[0]
    containers: list[Container] = chosen["Containers"]
    if len(containers) > 1:
        raise faults.several_containers(package.arn)
    return containers[0]
