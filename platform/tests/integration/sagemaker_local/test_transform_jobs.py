"""Batch transform over HTTP, on a container that does what its input says."""

import gzip
import io
import json
import struct
import tarfile
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from isolated_address import leads_nowhere

from slipway.testing.toy_images import docker_image, process_image

CONTAINER = Path(__file__).with_name("transform_container.py")
IMAGE = "000000000000.dkr.ecr.eu-west-1.amazonaws.com/slipway/transform:test"
ROLE = "arn:aws:iam::000000000000:role/slipway"
CSV = {"ContentType": "text/csv", "SplitType": "Line"}
CSV_OUT = {"Accept": "text/csv", "AssembleWith": "Line"}
ELSEWHERE = {"S3DataType": "S3Prefix", "S3Uri": "https://example.org/data"}
SEE_LOGS = "See job logs for more information"


@dataclass
class Batch:
    """One bucket, one model, and jobs of both."""

    rig: Any
    bucket: str
    model: str
    jobs: list[str] = field(default_factory=list)

    def put(self, **objects: bytes) -> None:
        for name, body in objects.items():
            self.rig.s3.put_object(Bucket=self.bucket, Key=f"in/{name}", Body=body)

    def create(self, given=None, wanted=None, **members: Any) -> str:
        name = members.pop("TransformJobName", f"transform-{uuid.uuid4().hex[:12]}")
        source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{self.bucket}/in/"}
        request = {
            "TransformJobName": name,
            "ModelName": self.model,
            "TransformInput": {"DataSource": {"S3DataSource": source}, **(given or {})},
            "TransformOutput": {
                "S3OutputPath": f"s3://{self.bucket}/out",
                **(wanted or {}),
            },
            "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
            **members,
        }
        self.rig.sagemaker.create_transform_job(**request)
        return name

    def described(self, name: str) -> dict[str, Any]:
        return self.rig.sagemaker.describe_transform_job(TransformJobName=name)

    def ended(self, name: str) -> dict[str, Any]:
        def settled() -> Any:
            job = self.described(name)
            busy = job["TransformJobStatus"] in ("InProgress", "Stopping")
            return None if busy else job

        return self.rig.eventually(settled)

    def run(self, given=None, wanted=None, **members: Any) -> dict[str, Any]:
        return self.ended(self.create(given, wanted, **members))

    def outputs(self) -> dict[str, bytes]:
        listing = {"Bucket": self.bucket, "Prefix": "out/"}
        found = self.rig.s3.list_objects_v2(**listing).get("Contents", [])
        return {each["Key"][4:]: self.read(each["Key"]) for each in found}

    def read(self, key: str) -> bytes:
        return self.rig.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()

    def said(self, name: str, ending: str) -> list[str]:
        """Return what the job's log streams of this ending have."""
        group = {"logGroupName": "/aws/sagemaker/TransformJobs"}
        named = {"logStreamNamePrefix": f"{name}/"}
        streams = self.rig.logs.describe_log_streams(**group, **named)["logStreams"]
        events = [
            event["message"]
            for stream in streams
            if stream["logStreamName"].endswith("/data-log") == (ending == "data")
            for event in self.rig.logs.get_log_events(
                **group, logStreamName=stream["logStreamName"], startFromHead=True
            )["events"]
        ]
        return [event.partition("[sagemaker logs]: ")[2] or event for event in events]


def new_batch(rig: Any, **files: bytes) -> Batch:
    bucket = rig.bucket()
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, content in {"weights": b"1", **files}.items():
            member = tarfile.TarInfo(name.replace("_json", ".json"))
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    rig.s3.put_object(Bucket=bucket, Key="model.tar.gz", Body=packed.getvalue())
    model = f"model-{uuid.uuid4().hex[:12]}"
    container = {"Image": IMAGE, "ModelDataUrl": f"s3://{bucket}/model.tar.gz"}
    rig.sagemaker.create_model(
        ModelName=model, PrimaryContainer=container, ExecutionRoleArn=ROLE
    )
    return Batch(rig, bucket, model)


@pytest.fixture(scope="session")
def transform_images(images):
    process_image(images, IMAGE, CONTAINER)


@pytest.fixture
def batch(rig, transform_images):
    return new_batch(rig)


@pytest.fixture
def own_batch(own_rig, transform_images):
    if own_rig.executor == "docker":
        docker_image(IMAGE, CONTAINER)
    return new_batch(own_rig)


def test_each_object_becomes_one_of_its_name_with_its_lines_in_order(own_batch):
    own_batch.put(**{"a.csv": b"1\n2\n3\n", "deep/b.csv": b"4"})

    job = own_batch.run(CSV, CSV_OUT, Environment={"OWN": "yes"})

    assert job["TransformJobStatus"] == "Completed"
    assert job["TransformStartTime"] <= job["TransformEndTime"]
    assert own_batch.outputs() == {
        "a.csv.out": b"<1>\n<2>\n<3>\n",
        "deep/b.csv.out": b"<4>\n",
    }
    said = own_batch.said(job["TransformJobName"], "data")
    assert said[0] == (
        "MaxConcurrentTransforms=1, MaxPayloadInMB=6, BatchStrategy=MULTI_RECORD"
    )
    assert "POST /invocations HTTP/1.1" in own_batch.said(job["TransformJobName"], "")


def test_a_job_goes_on_after_a_kill(own_batch):
    own_batch.put(a=b"1", b=b"sleep 3", c=b"3")
    name = own_batch.create()
    own_batch.rig.eventually(lambda: "a.out" in own_batch.outputs())

    own_batch.rig.server.kill()
    own_batch.rig.start()

    assert own_batch.ended(name)["TransformJobStatus"] == "Completed"
    assert sorted(own_batch.outputs()) == ["a.out", "b.out", "c.out"]


def test_a_job_goes_on_after_the_server_was_stopped(own_batch):
    own_batch.put(a=b"1", b=b"sleep 3")
    name = own_batch.create()
    own_batch.rig.eventually(lambda: "a.out" in own_batch.outputs())

    own_batch.rig.server.stop()
    own_batch.rig.start()

    assert own_batch.ended(name)["TransformJobStatus"] == "Completed"
    assert sorted(own_batch.outputs()) == ["a.out", "b.out"]


def test_the_container_is_told_what_the_caller_set(batch):
    batch.put(a=b"tell")

    batch.run(
        {"ContentType": "text/plain"},
        {"Accept": "text/x"},
        BatchStrategy="SingleRecord",
        MaxPayloadInMB=1,
        MaxConcurrentTransforms=2,
        Environment={"OWN": "yes"},
    )

    told = json.loads(batch.outputs()["a.out"])
    environment = {
        name: value
        for name, value in told["environment"].items()
        if name not in ("SAGEMAKER_BASE_DIR", "SAGEMAKER_BIND_TO_PORT")
    }
    assert environment == {
        "SAGEMAKER_BATCH": "true",
        "SAGEMAKER_MAX_PAYLOAD_IN_MB": "1",
        "SAGEMAKER_BATCH_STRATEGY": "SINGLE_RECORD",
        "SAGEMAKER_MAX_CONCURRENT_TRANSFORMS": "2",
        "OWN": "yes",
    }
    assert (told["type"], told["accept"]) == ("text/plain", "text/x")


def test_the_container_may_say_how_it_is_asked(rig, transform_images):
    offered = {"MaxConcurrentTransforms": 3, "BatchStrategy": "SINGLE_RECORD"}
    batch = new_batch(rig, parameters_json=json.dumps(offered).encode())
    batch.put(a=b"1\n2\n")

    job = batch.run(CSV, MaxPayloadInMB=2)

    assert batch.said(job["TransformJobName"], "data") == [
        "MaxConcurrentTransforms=3, MaxPayloadInMB=2, BatchStrategy=SINGLE_RECORD"
    ]
    assert batch.outputs() == {"a.out": b"<1><2>"}


def test_an_isolated_models_container_has_no_credentials_and_no_way_out(own_batch):
    rig = own_batch.rig
    known = rig.sagemaker.describe_model(ModelName=own_batch.model)
    own_batch.model = f"{own_batch.model}-isolated"
    rig.sagemaker.create_model(
        ModelName=own_batch.model,
        PrimaryContainer=known["PrimaryContainer"],
        ExecutionRoleArn=ROLE,
        EnableNetworkIsolation=True,
    )
    own_batch.put(a=b"tell")

    assert own_batch.run()["TransformJobStatus"] == "Completed"

    told = json.loads(own_batch.outputs()["a.out"])
    assert told["credentials"] == []
    if rig.executor == "docker":
        assert leads_nowhere(told["address"])


def test_requests_go_out_at_once_and_answers_stay_in_order(batch):
    lines = [b"meet 3", b"meet 3 too", b"meet 3 as well", b"4", b"tell"]
    batch.put(a=b"\n".join(lines))

    batch.run(CSV, CSV_OUT, BatchStrategy="SingleRecord", MaxConcurrentTransforms=3)

    *answers, told = batch.outputs()["a.out"].splitlines()
    assert answers == [b"<%s>" % line for line in lines[:-1]]
    assert json.loads(told)["most"] == 3


@pytest.mark.parametrize(
    ("line", "blame", "said"),
    [
        (b"status 400", "ClientError", ["ClientError: 400", "Message:", "as you say"]),
        (
            b"status 500",
            "AlgorithmError",
            ["Bad HTTP status received from algorithm: 500", "Message:", "as you say"],
        ),
        (
            b"x" * (1024 * 1024 + 1),
            "ClientError",
            ["Too much data for max payload size"],
        ),
    ],
    ids=["4xx", "5xx", "too-large"],
)
def test_an_object_that_fails_stops_no_other(batch, line, blame, said):
    batch.put(a=b"1\n" + line, b=b"2")

    job = batch.run(CSV, MaxPayloadInMB=1)

    assert job["TransformJobStatus"] == "Failed"
    assert job["FailureReason"] == f"{blame}: {SEE_LOGS}"
    assert batch.outputs() == {"b.out": b"<2>"}
    place = f"{batch.bucket}/in/a: "
    log = batch.said(job["TransformJobName"], "data")[1:]
    assert [each.removeprefix(place) for each in log if each != place] == said


def test_a_request_that_fails_once_is_sent_again(batch):
    batch.put(a=b"once")

    assert batch.run()["TransformJobStatus"] == "Completed"


def test_a_request_is_not_sent_again_where_the_caller_wants_none(batch):
    batch.put(a=b"once")

    job = batch.run(ModelClientConfig={"InvocationsMaxRetries": 0})

    assert job["TransformJobStatus"] == "Failed"


def test_a_slow_answer_is_given_up(batch):
    batch.put(a=b"sleep 5")

    job = batch.run(
        ModelClientConfig={
            "InvocationsMaxRetries": 0,
            "InvocationsTimeoutInSeconds": 1,
        }
    )

    assert job["FailureReason"] == f"AlgorithmError: {SEE_LOGS}"
    assert batch.said(job["TransformJobName"], "data")[-1].endswith(
        "Model server did not respond to /invocations request within 1 seconds"
    )


def test_a_container_that_dies_fails_the_job(batch):
    batch.put(a=b"die", b=b"2")

    job = batch.run()

    assert job["FailureReason"] == f"AlgorithmError: {SEE_LOGS}"
    assert batch.outputs() == {}


def test_a_stopped_job_stores_nothing_unfinished(batch):
    batch.put(a=b"1", b=b"sleep 30")
    name = batch.create()
    batch.rig.eventually(lambda: "a.out" in batch.outputs())

    batch.rig.sagemaker.stop_transform_job(TransformJobName=name)

    job = batch.ended(name)
    assert job["TransformJobStatus"] == "Stopped"
    assert "TransformEndTime" in job
    assert sorted(batch.outputs()) == ["a.out"]
    with pytest.raises(ClientError, match="transform job is in status Stopped"):
        batch.rig.sagemaker.stop_transform_job(TransformJobName=name)


def test_gzip_objects_are_unpacked_and_damaged_ones_fail(batch):
    packed = gzip.compress(b"1\n2\n")
    batch.put(**{"a.gz": packed, "b.gz": packed[:-9], "c.gz": b"plain"})

    job = batch.run({**CSV, "CompressionType": "Gzip"}, CSV_OUT)

    assert job["TransformJobStatus"] == "Failed"
    assert batch.outputs() == {"a.gz.out": b"<1>\n<2>\n"}


def test_a_manifest_names_the_objects(batch):
    batch.put(a=b"1", b=b"2", c=b"3")
    manifest = json.dumps([{"prefix": f"s3://{batch.bucket}/in/"}, "c", "a"])
    batch.rig.s3.put_object(Bucket=batch.bucket, Key="m", Body=manifest.encode())
    source = {"S3DataType": "ManifestFile", "S3Uri": f"s3://{batch.bucket}/m"}

    batch.run({"DataSource": {"S3DataSource": source}})

    assert batch.outputs() == {"a.out": b"<1>", "c.out": b"<3>"}


def test_nothing_to_transform_fails_the_job(batch):
    reason = batch.run()["FailureReason"]

    assert reason.startswith("ClientError: Data download failed:No S3 objects found")


@pytest.mark.parametrize("split", ["TFRecord", "RecordIO"])
def test_binary_records_are_sent_without_their_padding(batch, split):
    batch.put(a=b"".join(packed(split, record) for record in (b"one", b"three")))

    batch.run({"SplitType": split}, CSV_OUT, BatchStrategy="SingleRecord")

    assert batch.outputs() == {"a.out": b"<one>\n<three>\n"}


def test_an_object_larger_than_any_payload_is_sent_in_chunks(batch):
    batch.put(a=b"x\n" * 700_000)

    job = batch.run(MaxPayloadInMB=0)

    assert job["TransformJobStatus"] == "Completed"
    assert batch.outputs()["a.out"] == b"\n".join([b"<x>"] * 700_000)


def test_csv_is_filtered_joined_and_filtered_again(batch):
    batch.put(a=b'id1,"x, y",3\nid2,z,4\n')
    chosen = {"InputFilter": "$[1:]", "OutputFilter": "$[0,-1]", "JoinSource": "Input"}

    batch.run(CSV, CSV_OUT, DataProcessing=chosen, BatchStrategy="SingleRecord")

    assert batch.outputs() == {"a.out": b"id1,3>\nid2,4>\n"}


def test_json_lines_are_joined_with_their_answers(batch):
    kind = "application/jsonlines"
    batch.put(a=b'{"id":1,"features":[1,2]}\n{"id":2,"features":[3]}\n')
    chosen = {
        "InputFilter": "$.features",
        "OutputFilter": "$['id','SageMakerOutput']",
        "JoinSource": "Input",
    }

    batch.run(
        {"ContentType": kind, "SplitType": "Line"},
        {"Accept": kind, "AssembleWith": "Line"},
        DataProcessing=chosen,
        BatchStrategy="SingleRecord",
    )

    assert batch.outputs() == {
        "a.out": b'{"id":1,"SageMakerOutput":{"sent":[1,2]}}\n'
        b'{"id":2,"SageMakerOutput":{"sent":[3]}}\n'
    }


def test_a_json_document_is_joined_whole(batch):
    kind = "application/json"
    batch.put(a=b"[1,\n 2]", b=b'{"x":1}')

    batch.run(
        {"ContentType": kind}, {"Accept": kind}, DataProcessing={"JoinSource": "Input"}
    )

    assert {name: json.loads(body) for name, body in batch.outputs().items()} == {
        "a.out": {"SageMakerInput": [1, 2], "SageMakerOutput": {"sent": [1, 2]}},
        "b.out": {"x": 1, "SageMakerOutput": {"sent": {"x": 1}}},
    }


def test_describe_and_list_show_what_was_asked_and_the_defaults(batch):
    batch.put(a=b"1")
    name = batch.create(Tags=[{"Key": "team", "Value": "x"}])
    job = batch.ended(name)

    assert job["DataProcessing"] == {
        "InputFilter": "$",
        "OutputFilter": "$",
        "JoinSource": "None",
    }
    assert job["TransformInput"]["SplitType"] == "None"
    assert job["TransformOutput"]["AssembleWith"] == "None"
    assert "MaxPayloadInMB" not in job
    listed = batch.rig.sagemaker.list_transform_jobs(NameContains=name)
    (found,) = listed["TransformJobSummaries"]
    assert found["TransformJobStatus"] == "Completed"
    assert found["TransformEndTime"] == job["TransformEndTime"]
    tags = batch.rig.sagemaker.list_tags(ResourceArn=job["TransformJobArn"])["Tags"]
    assert tags == [{"Key": "team", "Value": "x"}]


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"ModelName": "nobody"}, "Could not find model"),
        ({"MaxPayloadInMB": 101}, "less than or equal to 100"),
        (
            {"MaxPayloadInMB": 51, "MaxConcurrentTransforms": 2},
            "must not exceed 100 MB",
        ),
        ({"DataProcessing": {"InputFilter": "$["}}, "is not a JSONPath expression"),
        ({"DataProcessing": {"JoinSource": "Input"}}, "DataProcessing needs a"),
        ({"Environment": {f"k{n}": "" for n in range(17)}}, "'environment' failed"),
        (
            {"DataCaptureConfig": {"DestinationS3Uri": "s3://b/c"}},
            "does not support the member 'DataCaptureConfig'",
        ),
        (
            {"TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 2}},
            "does not support the value '2'",
        ),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
)
def test_a_wrong_request_is_refused_and_starts_nothing(batch, members, message):
    name = f"wrong-{uuid.uuid4().hex[:12]}"

    with pytest.raises(ClientError, match=message) as refused:
        batch.create(TransformJobName=name, **members)

    assert refused.value.response["Error"]["Code"] == "ValidationException"
    with pytest.raises(ClientError, match="Could not find requested job with name"):
        batch.described(name)
    with pytest.raises(ClientError, match=f"find job to update with name {name}"):
        batch.rig.sagemaker.stop_transform_job(TransformJobName=name)


@pytest.mark.parametrize(
    ("members", "member"),
    [
        (
            {"given": {"DataSource": {"S3DataSource": ELSEWHERE}}},
            "TransformInput.DataSource.S3DataSource.S3Uri",
        ),
        (
            {"wanted": {"S3OutputPath": ELSEWHERE["S3Uri"]}},
            "TransformOutput.S3OutputPath",
        ),
    ],
)
def test_a_job_reads_and_writes_s3_only(batch, members, member):
    with pytest.raises(ClientError) as error:
        batch.create(TransformJobName="elsewhere", **members)

    said = f"s3://bucket/key only: {member} is 'https://example.org/data'"
    assert said in str(error.value)
    with pytest.raises(ClientError):
        batch.described("elsewhere")


def test_a_join_needs_like_sides(batch):
    joined = {"JoinSource": "Input"}

    with pytest.raises(ClientError, match="equal ContentType and Accept"):
        batch.create(CSV, {"Accept": "application/json"}, DataProcessing=joined)
    with pytest.raises(ClientError, match="equal SplitType and AssembleWith"):
        batch.create(CSV, {"Accept": "text/csv"}, DataProcessing=joined)


def test_a_name_is_taken_once(batch):
    batch.put(a=b"1")
    name = batch.create()

    with pytest.raises(ClientError, match="Job name must be unique") as refused:
        batch.create(TransformJobName=name)

    assert refused.value.response["Error"]["Code"] == "ResourceInUse"
    batch.ended(name)


def packed(form: str, data: bytes) -> bytes:
    if form == "TFRecord":
        return struct.pack("<QI", len(data), 0) + data + b"\0" * 4
    padding = b"\0" * (-len(data) % 4)
    return struct.pack("<II", 0xCED7230A, len(data)) + data + padding
