import json

import pytest
from conformance_claims import documented, field, ours
from conformance_requests import model, variant
from conformance_rig import refused

NOUNS = {
    "model": ("model", "model", "ModelName"),
    "endpoint_config": (
        "endpoint configuration",
        "endpoint-config",
        "EndpointConfigName",
    ),
    "endpoint": ("endpoint", "endpoint", "EndpointName"),
}


@documented("CreateModel", "The ARN of the model created in SageMaker.")
def test_a_model_is_described_as_it_was_created(rig, model_name):
    found = rig.sagemaker.describe_model(ModelName=model_name)

    assert found["ModelArn"] == rig.arn("model", model_name)
    assert found["PrimaryContainer"]["Image"] == rig.target.image
    assert found["PrimaryContainer"]["Mode"] == "SingleModel"
    assert found["ExecutionRoleArn"] == rig.target.role


@ours("a model says that it is not isolated, as a training job does")
def test_a_model_that_is_not_isolated_says_so(rig, model_name):
    found = rig.sagemaker.describe_model(ModelName=model_name)

    assert found["EnableNetworkIsolation"] is False


@documented(
    "CreateEndpointConfig",
    "If unspecified, it defaults to 1.0.",
)
def test_an_endpoint_config_is_described_with_its_defaults(rig, model_name):
    name = rig.name()
    created = rig.sagemaker.create_endpoint_config(
        EndpointConfigName=name, ProductionVariants=[variant(model_name)]
    )
    found = rig.sagemaker.describe_endpoint_config(EndpointConfigName=name)
    [only] = found["ProductionVariants"]

    assert created["EndpointConfigArn"] == rig.arn("endpoint-config", name)
    assert found["EndpointConfigArn"] == rig.arn("endpoint-config", name)
    assert only["InitialVariantWeight"] == 1.0


@documented(
    "CreateModel",
    "If you choose None and choose S3Prefix as the value of S3DataType, S3Uri "
    "identifies a key name prefix, under which all objects represents the uncompressed "
    "ML model to deploy.",
)
def test_a_model_may_be_a_folder_of_objects(rig, serve):
    name = rig.name()
    rig.put(f"plain/{name}/weights.json", b'{"answer": "from a folder"}')
    source = {
        "S3Uri": f"{rig.folder}/plain/{name}/",
        "S3DataType": "S3Prefix",
        "CompressionType": "None",
    }
    container = {
        "Image": rig.target.image,
        "ModelDataSource": {"S3DataSource": source},
    }
    rig.sagemaker.create_model(
        ModelName=name, PrimaryContainer=container, ExecutionRoleArn=rig.target.role
    )
    rig.sagemaker.create_endpoint_config(
        EndpointConfigName=name, ProductionVariants=[variant(name)]
    )
    served = serve(name)["EndpointName"]
    said = rig.runtime.invoke_endpoint(
        EndpointName=served, ContentType="application/json", Body=b"{}"
    )
    rig.sagemaker.delete_endpoint(EndpointName=served)

    assert json.loads(said["Body"].read())["answer"] == "from a folder"


@documented("DeleteModel", "It does not delete model artifacts, inference code")
def test_a_deleted_model_leaves_its_artifact(rig):
    name, artifact = rig.name(), rig.artifact(answer="kept")
    rig.sagemaker.create_model(**model(rig, name, artifact))
    rig.sagemaker.delete_model(ModelName=name)
    code, _ = refused(rig.sagemaker.describe_model, ModelName=name)

    assert code == "ValidationException"
    assert rig.read(artifact)


@documented(
    "DeleteEndpointConfig",
    "It does not delete endpoints created using the configuration.",
)
def test_a_config_in_use_may_be_deleted(rig, endpoint, configured, serve):
    config = configured()
    served = serve(config)
    rig.sagemaker.delete_endpoint_config(EndpointConfigName=config)
    name = served["EndpointName"]
    now = rig.sagemaker.describe_endpoint(EndpointName=name)
    rig.sagemaker.delete_endpoint(EndpointName=name)

    assert now["EndpointStatus"] == "InService"


@field(
    "amazon-sagemaker-operator-for-k8s", 'Cannot create already existing model "arn".'
)
def test_a_models_name_is_taken_once(rig, model_name):
    request = model(rig, model_name, rig.artifact())
    said = refused(rig.sagemaker.create_model, **request)

    assert said == already("model", rig.arn("model", model_name))


@field(
    "amazon-sagemaker-operator-for-k8s",
    'Cannot create already existing endpoint configuration "arn".',
)
def test_a_configs_name_is_taken_once(rig, model_name, configured):
    name = configured()
    said = refused(
        rig.sagemaker.create_endpoint_config,
        EndpointConfigName=name,
        ProductionVariants=[variant(model_name)],
    )

    assert said == already("endpoint configuration", rig.arn("endpoint-config", name))


@field(
    "amazon-sagemaker-operator-for-k8s",
    'Cannot create already existing endpoint "arn".',
)
def test_an_endpoints_name_is_taken_once(rig, endpoint):
    name = endpoint["EndpointName"]
    said = refused(
        rig.sagemaker.create_endpoint,
        EndpointName=name,
        EndpointConfigName=endpoint["EndpointConfigName"],
    )

    assert said == already("endpoint", rig.arn("endpoint", name))


def already(noun, arn):
    return "ValidationException", f'Cannot create already existing {noun} "{arn}".'


@field("amazon-sagemaker-operator-for-k8s", 'Could not find model|… "arn".')
@pytest.mark.parametrize("verb", ["describe", "delete"])
@pytest.mark.parametrize("snake", NOUNS)
def test_what_is_not_there(rig, verb, snake):
    noun, kind, member = NOUNS[snake]
    call, name = getattr(rig.sagemaker, f"{verb}_{snake}"), rig.name()
    said = refused(call, **{member: name})

    text = f'Could not find {noun} "{rig.arn(kind, name)}".'
    assert said == ("ValidationException", text)


@documented(
    "CreateEndpoint",
    "If the dependent entities are not yet in DynamoDB, this causes a validation error.",
)
def test_an_endpoint_needs_its_config(rig):
    said = refused(
        rig.sagemaker.create_endpoint,
        EndpointName=rig.name(),
        EndpointConfigName="no-such-config",
    )

    arn = rig.arn("endpoint-config", "no-such-config")
    text = f'Could not find endpoint configuration "{arn}".'
    assert said == ("ValidationException", text)


@ours("a config's models are looked for when it is created")
def test_a_config_needs_its_models(rig):
    said = refused(
        rig.sagemaker.create_endpoint_config,
        EndpointConfigName=rig.name(),
        ProductionVariants=[variant("no-such-model")],
    )

    arn = rig.arn("model", "no-such-model")
    assert said == ("ValidationException", f'Could not find model "{arn}".')


@ours("two variants of one name cannot be told apart")
def test_the_variants_of_a_config_have_names_of_their_own(rig, model_name):
    code, message = refused(
        rig.sagemaker.create_endpoint_config,
        EndpointConfigName=rig.name(),
        ProductionVariants=[variant(model_name), variant(model_name)],
    )

    assert code == "ValidationException"
    assert "unique" in message
