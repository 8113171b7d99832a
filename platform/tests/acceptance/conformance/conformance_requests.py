"""The requests that tests begin with; each test changes what it is about."""

from typing import Any

from conformance_rig import INSTANCE_TYPE, RESOURCES, Rig


def training(rig: Rig, name: str, **changes: Any) -> dict[str, Any]:
    """Return a CreateTrainingJob."""
    source = {"S3DataType": "S3Prefix", "S3Uri": f"{rig.folder}/in"}
    return {
        "TrainingJobName": name,
        "AlgorithmSpecification": {
            "TrainingImage": rig.target.image,
            "TrainingInputMode": "File",
            "MetricDefinitions": [{"Name": "loss", "Regex": r"loss=([0-9.]+);"}],
        },
        "RoleArn": rig.target.role,
        "InputDataConfig": [
            {"ChannelName": "train", "DataSource": {"S3DataSource": source}}
        ],
        "OutputDataConfig": {"S3OutputPath": f"{rig.folder}/trained"},
        "ResourceConfig": RESOURCES,
        "StoppingCondition": {"MaxRuntimeInSeconds": 600},
        **changes,
    }


def processing(rig: Rig, name: str, **changes: Any) -> dict[str, Any]:
    """Return a CreateProcessingJob."""
    source = {
        "S3Uri": f"{rig.folder}/in",
        "LocalPath": "/opt/ml/processing/input",
        "S3DataType": "S3Prefix",
        "S3InputMode": "File",
    }
    target = {
        "S3Uri": f"{rig.folder}/processed/{name}",
        "LocalPath": "/opt/ml/processing/output",
        "S3UploadMode": "EndOfJob",
    }
    return {
        "ProcessingJobName": name,
        "AppSpecification": {
            "ImageUri": rig.target.image,
            "ContainerArguments": ["process"],
        },
        "RoleArn": rig.target.role,
        "ProcessingInputs": [{"InputName": "in", "S3Input": source}],
        "ProcessingOutputConfig": {
            "Outputs": [{"OutputName": "out", "S3Output": target}]
        },
        "ProcessingResources": {"ClusterConfig": RESOURCES},
        **changes,
    }


def model(rig: Rig, name: str, artifact: str, **changes: Any) -> dict[str, Any]:
    """Return a CreateModel."""
    return {
        "ModelName": name,
        "PrimaryContainer": {"Image": rig.target.image, "ModelDataUrl": artifact},
        "ExecutionRoleArn": rig.target.role,
        **changes,
    }


def create_model(rig: Rig, **weights: str) -> str:
    """Create a model whose artifact has these weights, and return its name."""
    name = rig.name()
    rig.sagemaker.create_model(**model(rig, name, rig.artifact(**weights)))
    return name


def variant(model_name: str, name: str = "primary", **changes: Any) -> dict[str, Any]:
    """Return a production variant."""
    return {
        "VariantName": name,
        "ModelName": model_name,
        "InitialInstanceCount": 1,
        "InstanceType": INSTANCE_TYPE,
        "ContainerStartupHealthCheckTimeoutInSeconds": 60,
        **changes,
    }


def transform(rig: Rig, name: str, model_name: str, **changes: Any) -> dict[str, Any]:
    """Return a CreateTransformJob: a line in, a line out."""
    source = {"S3DataType": "S3Prefix", "S3Uri": f"{rig.folder}/in"}
    return {
        "TransformJobName": name,
        "ModelName": model_name,
        "TransformInput": {
            "DataSource": {"S3DataSource": source},
            "ContentType": "text/csv",
            "SplitType": "Line",
        },
        "TransformOutput": {
            "S3OutputPath": f"{rig.folder}/scored/{name}",
            "Accept": "text/csv",
            "AssembleWith": "Line",
        },
        "TransformResources": {"InstanceCount": 1, "InstanceType": INSTANCE_TYPE},
        **changes,
    }
