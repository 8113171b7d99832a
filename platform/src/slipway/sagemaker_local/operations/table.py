"""The function that carries each operation out."""

from collections.abc import Callable, Mapping
from typing import Any

from slipway.sagemaker_local.operations import (
    endpoint_operations,
    endpoint_scaling,
    job_operations,
    model_operations,
    package_groups,
    package_operations,
    tags,
    transform_operations,
)
from slipway.sagemaker_local.stack import Stack

#: Takes the caller's region and the checked request; returns the answer's members.
Handler = Callable[[Stack, str, Mapping[str, Any]], dict[str, Any]]

HANDLERS: Mapping[str, Handler] = {
    "AddTags": tags.add_tags,
    "CreateEndpoint": endpoint_operations.create_endpoint,
    "CreateEndpointConfig": model_operations.create_endpoint_config,
    "CreateModel": model_operations.create_model,
    "CreateModelPackage": package_operations.create_package,
    "CreateModelPackageGroup": package_groups.create_group,
    "CreateProcessingJob": job_operations.create_processing_job,
    "CreateTrainingJob": job_operations.create_training_job,
    "CreateTransformJob": transform_operations.create_transform_job,
    "DeleteEndpoint": endpoint_operations.delete_endpoint,
    "DeleteEndpointConfig": model_operations.delete_endpoint_config,
    "DeleteModel": model_operations.delete_model,
    "DeleteModelPackage": package_operations.delete_package,
    "DeleteModelPackageGroup": package_groups.delete_group,
    "DeleteProcessingJob": job_operations.delete_processing_job,
    "DeleteTags": tags.delete_tags,
    "DeleteTrainingJob": job_operations.delete_training_job,
    "DescribeEndpoint": endpoint_operations.describe_endpoint,
    "DescribeEndpointConfig": model_operations.describe_endpoint_config,
    "DescribeModel": model_operations.describe_model,
    "DescribeModelPackage": package_operations.describe_package,
    "DescribeModelPackageGroup": package_groups.describe_group,
    "DescribeProcessingJob": job_operations.describe_processing_job,
    "DescribeTrainingJob": job_operations.describe_training_job,
    "DescribeTransformJob": transform_operations.describe_transform_job,
    "ListEndpointConfigs": model_operations.list_endpoint_configs,
    "ListEndpoints": endpoint_operations.list_endpoints,
    "ListModelPackageGroups": package_groups.list_groups,
    "ListModelPackages": package_operations.list_packages,
    "ListModels": model_operations.list_models,
    "ListProcessingJobs": job_operations.list_processing_jobs,
    "ListTags": tags.list_tags,
    "ListTrainingJobs": job_operations.list_training_jobs,
    "ListTransformJobs": transform_operations.list_transform_jobs,
    "StopProcessingJob": job_operations.stop_processing_job,
    "StopTrainingJob": job_operations.stop_training_job,
    "StopTransformJob": transform_operations.stop_transform_job,
    "UpdateEndpoint": endpoint_operations.update_endpoint,
    "UpdateEndpointWeightsAndCapacities": (
        endpoint_scaling.update_weights_and_capacities
    ),
    "UpdateModelPackage": package_operations.update_package,
}
