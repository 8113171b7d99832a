"""The members of requests about endpoint configs and endpoints."""

from collections.abc import Mapping
from typing import Any

from slipway.sagemaker_local.supported.lists import CHANGING, STATIC

_SIZE = {"Type": None, "Value": None}
DEPLOYMENT_CONFIG: Mapping[str, Any] = {
    "BlueGreenUpdatePolicy": {
        "TrafficRoutingConfiguration": {
            "Type": None,
            "WaitIntervalInSeconds": None,
            "CanarySize": _SIZE,
            "LinearStepSize": _SIZE,
        },
        "TerminationWaitInSeconds": None,
        "MaximumExecutionTimeoutInSeconds": None,
    },
    "RollingUpdatePolicy": {
        "MaximumBatchSize": _SIZE,
        "WaitIntervalInSeconds": None,
        "MaximumExecutionTimeoutInSeconds": None,
        "RollbackMaximumBatchSize": _SIZE,
    },
    "AutoRollbackConfiguration": {"Alarms": {"AlarmName": None}},
}
ENDPOINTS: Mapping[str, Mapping[str, Any]] = {
    "CreateEndpoint": {
        "EndpointName": None,
        "EndpointConfigName": None,
        "DeploymentConfig": DEPLOYMENT_CONFIG,
        "Tags": None,
    },
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
        "DeploymentConfig": DEPLOYMENT_CONFIG,
        "RetainDeploymentConfig": None,
    },
    "UpdateEndpointWeightsAndCapacities": {
        "EndpointName": None,
        "DesiredWeightsAndCapacities": {
            "VariantName": None,
            "DesiredWeight": None,
            "DesiredInstanceCount": None,
        },
    },
}
