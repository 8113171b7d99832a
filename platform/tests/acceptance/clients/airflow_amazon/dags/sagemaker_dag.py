"""A DAG of the Amazon provider's own operators and sensors, from rows to scores."""

import datetime as dt
import os
from typing import Any

from airflow.providers.amazon.aws.operators.sagemaker import (
    SageMakerDeleteModelOperator,
    SageMakerEndpointConfigOperator,
    SageMakerEndpointOperator,
    SageMakerModelOperator,
    SageMakerProcessingOperator,
    SageMakerTrainingOperator,
    SageMakerTransformOperator,
)
from airflow.providers.amazon.aws.sensors.sagemaker import (
    SageMakerEndpointSensor,
    SageMakerProcessingSensor,
    SageMakerTrainingSensor,
    SageMakerTransformSensor,
)
from airflow.sdk import DAG

#: Every object of the DAG has this name.
NAME = "airflow"
#: No connection of Airflow's: boto3's own environment says where the server is.
AWS: dict[str, Any] = {"aws_conn_id": None}
FAST = {"check_interval": 1}
SENSOR = {**AWS, "poke_interval": 1, "timeout": 120}


def built(image: str, role: str, bucket: str) -> DAG:
    """Return the DAG for one server and bucket; `in/rows.csv` is in the bucket."""
    with DAG(
        NAME, start_date=dt.datetime(2026, 1, 1, tzinfo=dt.UTC), schedule=None
    ) as dag:
        process = SageMakerProcessingOperator(
            task_id="process", config=processing(image, role, bucket), **AWS, **FAST
        )
        processed = SageMakerProcessingSensor(
            task_id="processed", job_name=NAME, **SENSOR
        )
        train = SageMakerTrainingOperator(
            task_id="train", config=training(image, role, bucket), **AWS, **FAST
        )
        trained = SageMakerTrainingSensor(
            task_id="trained", job_name=NAME, print_log=True, **SENSOR
        )
        model = SageMakerModelOperator(
            task_id="model", config=model_of(image, role, bucket), **AWS
        )
        transform = SageMakerTransformOperator(
            task_id="transform",
            config=transformation(bucket),
            check_if_model_exists=False,
            **AWS,
            **FAST,
        )
        transformed = SageMakerTransformSensor(
            task_id="transformed", job_name=NAME, **SENSOR
        )
        config = SageMakerEndpointConfigOperator(
            task_id="config", config=endpoint_config(NAME), **AWS
        )
        endpoint = SageMakerEndpointOperator(
            task_id="endpoint", config=endpoint_of(NAME), **AWS, **FAST
        )
        served = SageMakerEndpointSensor(task_id="served", endpoint_name=NAME, **SENSOR)
        other_config = SageMakerEndpointConfigOperator(
            task_id="other_config", config=endpoint_config("airflow-2"), **AWS
        )
        update = SageMakerEndpointOperator(
            task_id="update",
            config=endpoint_of("airflow-2"),
            operation="update",
            **AWS,
            **FAST,
        )
        delete = SageMakerDeleteModelOperator(
            task_id="delete", config={"ModelName": NAME}, **AWS
        )
        process >> processed >> train >> trained >> model
        model >> transform >> transformed >> delete
        model >> config >> endpoint >> served >> other_config >> update >> delete
    return dag


def processing(image: str, role: str, bucket: str) -> dict[str, Any]:
    source = {
        "S3Uri": f"s3://{bucket}/in",
        "LocalPath": "/opt/ml/processing/input",
        "S3DataType": "S3Prefix",
        "S3InputMode": "File",
    }
    target = {
        "S3Uri": f"s3://{bucket}/processed",
        "LocalPath": "/opt/ml/processing/output",
        "S3UploadMode": "EndOfJob",
    }
    return {
        "ProcessingJobName": NAME,
        "AppSpecification": {"ImageUri": image, "ContainerArguments": ["process"]},
        "ProcessingInputs": [{"InputName": "in", "S3Input": source}],
        "ProcessingOutputConfig": {
            "Outputs": [{"OutputName": "out", "S3Output": target}]
        },
        "ProcessingResources": {
            "ClusterConfig": {
                "InstanceCount": 1,
                "InstanceType": "ml.m5.large",
                "VolumeSizeInGB": 1,
            }
        },
        "RoleArn": role,
    }


def training(image: str, role: str, bucket: str) -> dict[str, Any]:
    source = {
        "S3DataType": "S3Prefix",
        "S3Uri": f"s3://{bucket}/processed",
        "S3DataDistributionType": "FullyReplicated",
    }
    return {
        "TrainingJobName": NAME,
        "AlgorithmSpecification": {"TrainingImage": image, "TrainingInputMode": "File"},
        "HyperParameters": {"answer": "from Airflow"},
        "InputDataConfig": [
            {"ChannelName": "train", "DataSource": {"S3DataSource": source}}
        ],
        "OutputDataConfig": {"S3OutputPath": f"s3://{bucket}/models"},
        "ResourceConfig": {
            "InstanceCount": 1,
            "InstanceType": "ml.m5.large",
            "VolumeSizeInGB": 1,
        },
        "RoleArn": role,
        "StoppingCondition": {"MaxRuntimeInSeconds": 600},
    }


def model_of(image: str, role: str, bucket: str) -> dict[str, Any]:
    artifact = f"s3://{bucket}/models/{NAME}/output/model.tar.gz"
    return {
        "ModelName": NAME,
        "PrimaryContainer": {"Image": image, "ModelDataUrl": artifact},
        "ExecutionRoleArn": role,
    }


def transformation(bucket: str) -> dict[str, Any]:
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{bucket}/in"}
    return {
        "TransformJobName": NAME,
        "ModelName": NAME,
        "TransformInput": {
            "DataSource": {"S3DataSource": source},
            "ContentType": "text/csv",
            "SplitType": "Line",
        },
        "TransformOutput": {
            "S3OutputPath": f"s3://{bucket}/scored",
            "Accept": "text/csv",
            "AssembleWith": "Line",
        },
        "TransformResources": {"InstanceCount": 1, "InstanceType": "ml.m5.large"},
    }


def endpoint_config(name: str) -> dict[str, Any]:
    variant = {
        "VariantName": "primary",
        "ModelName": NAME,
        "InitialInstanceCount": 1,
        "InstanceType": "ml.m5.large",
    }
    return {"EndpointConfigName": name, "ProductionVariants": [variant]}


def endpoint_of(config: str) -> dict[str, Any]:
    return {"EndpointName": NAME, "EndpointConfigName": config}


# Airflow looks for DAGs among a file's own names.
dag = built(
    os.environ["CLIENT_IMAGE"], os.environ["CLIENT_ROLE"], os.environ["CLIENT_BUCKET"]
)
