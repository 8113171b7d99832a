import pytest

from slipway.sagemaker.service_model import input_shape
from slipway.sagemaker_local.supported.extent import Extent, extents
from slipway.sagemaker_local.supported.table import OPERATIONS


def extent(operation, member):
    found = extents(input_shape("sagemaker", operation), OPERATIONS[operation])
    return next(each for each in found if each.member == member)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_each_member_of_awss_model_is_taken_or_refused(operation):
    shape = input_shape("sagemaker", operation)
    found = extents(shape, OPERATIONS[operation])

    assert [each.member for each in found] == list(shape.members)
    assert all(each.taken or each.refused for each in found)


def test_a_member_that_is_not_in_the_table_is_refused_by_its_own_name():
    refused = Extent("VpcConfig", taken=(), refused=("VpcConfig",))

    assert extent("CreateModel", "VpcConfig") == refused


def test_a_member_that_is_taken_as_it_is_is_whole():
    assert extent("CreateModel", "EnableNetworkIsolation").whole


def test_values_that_are_taken_and_refused_are_told():
    container = extent("CreateModel", "PrimaryContainer")

    assert "PrimaryContainer.Mode = SingleModel" in container.taken
    assert "PrimaryContainer.Mode = MultiModel" in container.refused
    assert "PrimaryContainer.Image" in container.taken
    assert not container.whole


def test_the_members_of_the_structures_of_a_list_are_told():
    variants = extent("CreateEndpointConfig", "ProductionVariants")

    assert "ProductionVariants.VariantName" in variants.taken
    assert "ProductionVariants.ServerlessConfig" in variants.refused
