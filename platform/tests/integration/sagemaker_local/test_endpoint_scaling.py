from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError
from deployment_load import asked, watched


def scale(rig, endpoint, **changes):
    rig.sagemaker.update_endpoint_weights_and_capacities(
        EndpointName=endpoint,
        DesiredWeightsAndCapacities=[{"VariantName": "primary", **changes}],
    )


def counts(found):
    [variant] = found["ProductionVariants"]
    return variant["CurrentInstanceCount"], variant["DesiredInstanceCount"]


def test_scaling_out_and_in_fails_no_request(own_rig):
    bucket = own_rig.bucket_with(one=b"first")
    endpoint = own_rig.endpoint(own_rig.config(own_rig.trained(bucket, answer="1")))
    with asked(own_rig, endpoint) as load:
        scale(own_rig, endpoint, DesiredInstanceCount=3)
        out = watched(own_rig, endpoint)
        scale(own_rig, endpoint, DesiredInstanceCount=1)
        back = watched(own_rig, endpoint)

    assert load.errors == []
    assert {said for _, said in out.serving} <= {
        "Scaling out desired instance count to 3."
    }
    assert counts(out.last) == (3, 3)
    assert counts(back.last) == (1, 1)
    assert "VariantStatus" not in back.last["ProductionVariants"][0]


def test_a_request_that_is_under_way_outlives_its_instance(rig):
    bucket = rig.bucket_with(one=b"first")
    artifact = rig.trained(bucket, answer="1")
    endpoint = rig.endpoint(rig.config(artifact, InitialInstanceCount=2))
    with ThreadPoolExecutor(2) as pool:
        slow = [pool.submit(rig.ask, endpoint, b"sleep 2") for _ in range(2)]
        scale(rig, endpoint, DesiredInstanceCount=1)
        found = rig.settled(endpoint)
        answers = [each.result()["answer"] for each in slow]

    assert answers == ["1", "1"]
    assert counts(found) == (1, 1)


def test_new_weights_move_the_traffic(rig):
    bucket = rig.bucket_with(one=b"first")
    models = [rig.config(rig.trained(bucket, answer=n)) for n in "12"]
    variants = [
        {
            "VariantName": f"v{number}",
            "ModelName": model,
            "InitialInstanceCount": 1,
            "InstanceType": "ml.m5.large",
            "InitialVariantWeight": weight,
        }
        for number, model, weight in ((1, models[0], 1.0), (2, models[1], 0.0))
    ]
    config = f"{models[0]}-weights"
    rig.sagemaker.create_endpoint_config(
        EndpointConfigName=config, ProductionVariants=variants
    )
    endpoint = rig.endpoint(config)
    before = {rig.ask(endpoint)["answer"] for _ in range(10)}
    rig.sagemaker.update_endpoint_weights_and_capacities(
        EndpointName=endpoint,
        DesiredWeightsAndCapacities=[
            {"VariantName": "v1", "DesiredWeight": 0.0},
            {"VariantName": "v2", "DesiredWeight": 3.0},
        ],
    )
    watch = watched(rig, endpoint)
    found = watch.last
    after = {rig.ask(endpoint)["answer"] for _ in range(10)}

    assert (before, after) == ({"1"}, {"2"})
    weights = [each["CurrentWeight"] for each in found["ProductionVariants"]]
    assert weights == [0.0, 3.0]
    assert {status for status, _ in watch.serving} <= {"Updating"}
    assert {said for _, said in watch.serving} <= {
        "Updating desired weight to 0.",
        "Updating desired weight to 3.",
    }


def test_an_instance_that_does_not_come_up_leaves_the_capacity_as_it_was(rig):
    bucket = rig.bucket_with(one=b"first")
    artifact = rig.trained(bucket, answer="1")
    endpoint = rig.endpoint(rig.config(artifact))
    location, _, key = artifact.removeprefix("s3://").partition("/")
    rig.s3.delete_object(Bucket=location, Key=key)
    scale(rig, endpoint, DesiredInstanceCount=2)
    found = watched(rig, endpoint).last

    assert found["EndpointStatus"] == "InService"
    assert counts(found) == (1, 1)
    assert "Failed to download model data" in found["FailureReason"]
    assert rig.ask(endpoint)["answer"] == "1"


def test_an_update_may_retain_what_was_scaled(rig):
    bucket = rig.bucket_with(one=b"first")
    artifact = rig.trained(bucket, answer="1")
    endpoint = rig.endpoint(rig.config(artifact))
    scale(rig, endpoint, DesiredInstanceCount=2, DesiredWeight=5.0)
    rig.settled(endpoint)
    rig.sagemaker.update_endpoint(
        EndpointName=endpoint,
        EndpointConfigName=rig.config(artifact),
        RetainAllVariantProperties=True,
    )
    found = rig.settled(endpoint)

    assert counts(found) == (2, 2)
    assert found["ProductionVariants"][0]["CurrentWeight"] == 5.0


@pytest.mark.parametrize(
    ("variants", "message"),
    [
        (
            [{"VariantName": "nope", "DesiredWeight": 1.0}],
            (
                'The variant name(s) "nope" is/are not present within endpoint '
                'configuration "{config}".'
            ),
        ),
        (
            [{"VariantName": "primary", "DesiredInstanceCount": 0}],
            "DesiredInstanceCount of variant 'primary' must be at least 1",
        ),
        (
            [{"VariantName": "primary"}, {"VariantName": "primary"}],
            (
                "The names in DesiredWeightsAndCapacities must be unique: 'primary' is "
                "given twice"
            ),
        ),
    ],
)
def test_capacities_that_cannot_be_change_nothing(rig, variants, message):
    bucket = rig.bucket_with(one=b"first")
    config = rig.config(rig.trained(bucket, answer="1"))
    endpoint = rig.endpoint(config)
    before = rig.sagemaker.describe_endpoint(EndpointName=endpoint)
    with pytest.raises(ClientError) as refused:
        rig.sagemaker.update_endpoint_weights_and_capacities(
            EndpointName=endpoint, DesiredWeightsAndCapacities=variants
        )
    after = rig.sagemaker.describe_endpoint(EndpointName=endpoint)

    error = refused.value.response["Error"]
    assert error["Code"] == "ValidationException"
    assert error["Message"] == message.format(config=config)
    assert after["LastModifiedTime"] == before["LastModifiedTime"]


#: One of 32 bits is at most this large.
LARGEST = 3.4028234663852886e38


def test_variants_of_the_largest_weights_share_the_traffic(rig):
    config = rig.config(rig.trained(rig.bucket_with(one=b"first"), answer="1"))
    [first] = rig.sagemaker.describe_endpoint_config(EndpointConfigName=config)[
        "ProductionVariants"
    ]

    def weighted(name, weight):
        variants = [
            {**first, "VariantName": each, "InitialVariantWeight": weight}
            for each in ("a", "b")
        ]
        rig.sagemaker.create_endpoint_config(
            EndpointConfigName=name, ProductionVariants=variants
        )
        return name

    with pytest.raises(ClientError) as refused:
        weighted(f"{config}-above", 1e308)
    endpoint = rig.endpoint(weighted(f"{config}-largest", LARGEST))
    with pytest.raises(ClientError) as unchanged:
        rig.sagemaker.update_endpoint_weights_and_capacities(
            EndpointName=endpoint,
            DesiredWeightsAndCapacities=[{"VariantName": "b", "DesiredWeight": 1e308}],
        )

    said = f"Member must have value less than or equal to {LARGEST}"
    assert said in str(refused.value)
    assert "'productionVariants.1.member.initialVariantWeight'" in str(refused.value)
    assert said in str(unchanged.value)
    assert {rig.ask(endpoint)["answer"] for _ in range(5)} == {"1"}


def test_an_endpoint_has_a_hundred_instances_of_a_type_at_most(rig):
    artifact = rig.trained(rig.bucket_with(one=b"first"), answer="1")
    config, small = (
        rig.config(artifact, InitialInstanceCount=count) for count in (101, 1)
    )
    with pytest.raises(ClientError, match="ResourceLimitExceeded") as created:
        rig.endpoint(config, name=config)
    endpoint = rig.endpoint(small)
    with pytest.raises(ClientError, match="ResourceLimitExceeded"):
        rig.sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName=config)
    with pytest.raises(ClientError, match="ResourceLimitExceeded") as scaled:
        scale(rig, endpoint, DesiredInstanceCount=2_147_483_647)

    limit = (
        "The account-level service limit 'ml.m5.large for endpoint usage' is 100 Inst"
    )
    assert limit in str(created.value)
    used = (
        "with current utilization of 1 Instances and a request delta of 2147483646 Ins"
    )
    assert used in str(scaled.value)
    with pytest.raises(ClientError, match="Could not find endpoint"):
        rig.sagemaker.describe_endpoint(EndpointName=config)
    assert counts(rig.settled(endpoint)) == (1, 1)
