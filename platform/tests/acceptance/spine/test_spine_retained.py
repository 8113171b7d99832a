"""What was set by hand on a live endpoint, and a deployment after that."""

from slipway.testing.waiting import wait_until

MODEL, DATE = "retained", "2026-01-31"
ENDPOINT, BY_HAND = "local-retained", "retained-captured"
DEPLOY = ("deploy", "--model", MODEL, "--date", DATE, "--json")


def found(sagemaker):
    return sagemaker.describe_endpoint(EndpointName=ENDPOINT)


def scaled_out(home, sagemaker):
    """Let the variant be a scalable target that wants two instances at least."""
    [variant] = found(sagemaker)["ProductionVariants"]
    home.client("application-autoscaling").register_scalable_target(
        ServiceNamespace="sagemaker",
        ResourceId=f"endpoint/{ENDPOINT}/variant/{variant['VariantName']}",
        ScalableDimension="sagemaker:variant:DesiredInstanceCount",
        MinCapacity=2,
        MaxCapacity=3,
    )
    wait_until(lambda: counts(sagemaker) == (2, 2), seconds=300)


def counts(sagemaker):
    [variant] = found(sagemaker)["ProductionVariants"]
    return variant["CurrentInstanceCount"], variant["DesiredInstanceCount"]


def captured_by_hand(sagemaker):
    """Switch data capture on, by a config that Slipway did not make."""
    live = found(sagemaker)["EndpointConfigName"]
    config = sagemaker.describe_endpoint_config(EndpointConfigName=live)
    sagemaker.create_endpoint_config(
        EndpointConfigName=BY_HAND,
        ProductionVariants=config["ProductionVariants"],
        DataCaptureConfig={
            "EnableCapture": True,
            "InitialSamplingPercentage": 50,
            "DestinationS3Uri": "s3://slipway-local/captured",
            "CaptureOptions": [{"CaptureMode": "Input"}],
        },
    )
    sagemaker.update_endpoint(
        EndpointName=ENDPOINT,
        EndpointConfigName=BY_HAND,
        RetainAllVariantProperties=True,
        ExcludeRetainedVariantProperties=[{"VariantPropertyType": "DataCaptureConfig"}],
    )
    wait_until(lambda: found(sagemaker)["EndpointStatus"] == "InService", seconds=300)
    assert found(sagemaker)["EndpointConfigName"] == BY_HAND


def test_instances_and_capture_set_by_hand_are_planned_for_and_outlive_a_deployment(
    home, model
):
    folder, sagemaker = model(MODEL), home.client("sagemaker")
    first = home.invoke(*DEPLOY)
    assert first.exit_code == 0, first.errors
    scaled_out(home, sagemaker)
    captured_by_hand(sagemaker)

    planned = home.invoke("plan", "--model", MODEL, "--date", DATE, "--json")
    path = folder / "model.yaml"
    text = path.read_text()
    assert "inverse_penalty: 0.5" in text
    path.write_text(text.replace("inverse_penalty: 0.5", "inverse_penalty: 0.375"))
    second = home.invoke(*DEPLOY)

    assert planned.exit_code == 0, planned.errors
    by_hand = {one["field"]: one["after"] for one in planned.data["changed_by_hand"]}
    assert by_hand["EndpointConfigName"] == BY_HAND
    assert by_hand["DesiredInstanceCount"] == 2
    assert second.exit_code == 0, second.errors
    assert found(sagemaker)["EndpointConfigName"] not in {BY_HAND, ""}
    assert counts(sagemaker) == (2, 2)
    capture = found(sagemaker)["DataCaptureConfig"]
    assert capture["EnableCapture"] is True
    assert capture["CurrentSamplingPercentage"] == 50
    answer = home.invoke("predict", "--model", MODEL, "--json")
    assert answer.data["model"]["version"] == "2"
