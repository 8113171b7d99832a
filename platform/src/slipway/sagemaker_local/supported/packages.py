"""The members of requests about model packages and their groups."""

from collections.abc import Mapping
from typing import Any

from slipway.sagemaker_local.supported.lists import STATIC
from slipway.sagemaker_local.supported.models import MODEL_DATA_SOURCE

_CONTAINER: Mapping[str, Any] = {
    "ContainerHostname": None,
    "Image!": None,
    "ModelDataUrl": None,
    "ModelDataSource": MODEL_DATA_SOURCE,
    "Environment": None,
    "ModelInput": None,
    "Framework": None,
    "FrameworkVersion": None,
    "NearestModelName": None,
}
_INFERENCE: Mapping[str, Any] = {
    "Containers": _CONTAINER,
    "SupportedTransformInstanceTypes": None,
    "SupportedRealtimeInferenceInstanceTypes": None,
    "SupportedContentTypes": None,
    "SupportedResponseMIMETypes": None,
}
_NAMED_INFERENCE = {"Name": None, "Description": None, **_INFERENCE}

PACKAGES: Mapping[str, Mapping[str, Any]] = {
    "CreateModelPackage": {
        "ModelPackageName": None,
        "ModelPackageGroupName": None,
        "ModelPackageDescription": None,
        "ModelPackageRegistrationType": ("Registered",),
        "InferenceSpecification!": _INFERENCE,
        "AdditionalInferenceSpecifications": _NAMED_INFERENCE,
        "CertifyForMarketplace": (False,),
        "Tags": None,
        "ModelApprovalStatus": None,
        "MetadataProperties": None,
        "ModelMetrics": None,
        "ClientToken": None,
        "Domain": None,
        "Task": None,
        "SamplePayloadUrl": None,
        "CustomerMetadataProperties": None,
        "DriftCheckBaselines": None,
        "SkipModelValidation": None,
        "ModelLifeCycle": None,
    },
    "CreateModelPackageGroup": {
        "ModelPackageGroupName": None,
        "ModelPackageGroupDescription": None,
        "Tags": None,
    },
    "DeleteModelPackage": {"ModelPackageName": None},
    "DeleteModelPackageGroup": {"ModelPackageGroupName": None},
    "DescribeModelPackage": {
        "ModelPackageName": None,
        "IncludedData": None,
    },
    "DescribeModelPackageGroup": {"ModelPackageGroupName": None},
    "ListModelPackageGroups": {
        **STATIC,
        "CrossAccountFilterOption": ("SameAccount",),
    },
    "ListModelPackages": {
        **STATIC,
        "ModelApprovalStatus": None,
        "ModelPackageGroupName": None,
        "ModelPackageType": None,
    },
    "UpdateModelPackage": {
        "ModelPackageArn": None,
        "ModelApprovalStatus": None,
        "ApprovalDescription": None,
        "CustomerMetadataProperties": None,
        "CustomerMetadataPropertiesToRemove": None,
        "AdditionalInferenceSpecificationsToAdd": _NAMED_INFERENCE,
        "InferenceSpecification": _INFERENCE,
        "ModelLifeCycle": None,
        "ClientToken": None,
    },
}
