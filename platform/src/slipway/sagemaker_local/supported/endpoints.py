"""The members of requests about endpoint configs and endpoints."""

from collections.abc import Mapping
from typing import Any

from slipway.sagemaker_local.supported.lists import CHANGING, STATIC

ENDPOINTS: Mapping[str, Mapping[str, Any]] = {
    "CreateEndpoint": {"EndpointName": None, "EndpointConfigName": None, "Tags": None},
    "CreateEndpointConfig": {
        "EndpointConfigName": None,
        "ProductionVariants": {
            "VariantName": None,
            "ModelName!": None,
            "InitialInstanceCount!": None,
            "InstanceType!": None,
            "InitialVariantWeight": None,
            "VolumeSizeInGB": None,
            "ModelDataDownloadTimeoutInSeconds": None,
            "ContainerStartupHealthCheckTimeoutInSeconds": None,
        },
        "DataCaptureConfig": {
            "EnableCapture": None,
            "InitialSamplingPercentage": None,
            "DestinationS3Uri": None,
            "CaptureOptions": None,
            "CaptureContentTypeHeader": None,
        },
        "Tags": None,
    },
    "DeleteEndpoint": {"EndpointName": None},
    "DeleteEndpointConfig": {"EndpointConfigName": None},
    "DescribeEndpoint": {"EndpointName": None},
    "DescribeEndpointConfig": {"EndpointConfigName": None},
    "ListEndpointConfigs": STATIC,
    "ListEndpoints": CHANGING,
    "UpdateEndpoint": {
        "EndpointName": None,
        "EndpointConfigName": None,
        "RetainAllVariantProperties": None,
        "ExcludeRetainedVariantProperties": None,
        "DeploymentConfig": {
            "BlueGreenUpdatePolicy": {
                "TrafficRoutingConfiguration": {
                    "Type": ("ALL_AT_ONCE",),
                    "WaitIntervalInSeconds": None,
                },
                "TerminationWaitInSeconds": None,
            }
        },
    },
}
