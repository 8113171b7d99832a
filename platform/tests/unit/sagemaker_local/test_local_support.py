import pytest

from slipway.sagemaker.service_model import input_shape, operation_names
from slipway.sagemaker_local.faults import AwsError
from slipway.sagemaker_local.operations.table import HANDLERS
from slipway.sagemaker_local.supported.check import (
    check_members,
    operation_not_supported,
)
from slipway.sagemaker_local.supported.table import OPERATIONS


def unknown_members(shape, support, path=""):
    """Yield what the table supports and SageMaker's model does not have."""
    if shape.type_name == "list":
        yield from unknown_members(shape.member, support, path)
        return
    for name, inner in support.items():
        member = shape.members.get(name.rstrip("!"))
        here = f"{path}.{name}"
        if member is None:
            yield here
        elif isinstance(inner, dict):
            yield from unknown_members(member, inner, here)
        elif inner and getattr(member, "enum", None):
            yield from (f"{here}={value}" for value in set(inner) - set(member.enum))


def test_every_supported_operation_is_carried_out():
    assert set(OPERATIONS) == set(HANDLERS)
    assert set(OPERATIONS) <= operation_names("sagemaker")


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_supported_member_is_one_of_sagemakers(operation):
    shape = input_shape("sagemaker", operation)

    assert list(unknown_members(shape, OPERATIONS[operation])) == []


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_required_member_is_supported(operation):
    supported = {name.rstrip("!") for name in OPERATIONS[operation]}

    assert set(input_shape("sagemaker", operation).required_members) <= supported


def test_an_operation_outside_of_the_table_is_refused():
    said = str(operation_not_supported("ListHubs"))

    assert "does not support the operation 'ListHubs'" in said


def test_a_nested_member_outside_of_the_table_is_refused():
    payload = {
        "PrimaryContainer": {"Image": "x", "MultiModelConfig": {}},
        "ModelName": "x",
    }

    with pytest.raises(AwsError, match=r"member 'PrimaryContainer\.MultiModelConfig'"):
        check_members("CreateModel", payload)


def test_a_member_in_a_list_is_checked():
    variant = {
        "VariantName": "v",
        "ModelName": "m",
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 1,
        "ServerlessConfig": {"MemorySizeInMB": 1024, "MaxConcurrency": 1},
    }
    payload = {"EndpointConfigName": "c", "ProductionVariants": [variant]}

    with pytest.raises(AwsError, match=r"'ProductionVariants\.ServerlessConfig'"):
        check_members("CreateEndpointConfig", payload)
