"""Clients of a target, names of a run's own, and the requests that tests begin with."""

import io
import itertools
import json
import tarfile
import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from conformance_cleanup import Created
from conformance_target import Target

from slipway.testing.waiting import wait_until

INSTANCE_TYPE = "ml.m5.large"
RESOURCES = {"InstanceCount": 1, "InstanceType": INSTANCE_TYPE, "VolumeSizeInGB": 1}
ROWS = b"1,2\n3,4\n"
_BUSY = ("InProgress", "Stopping", "Creating", "Updating", "RollingBack", "Deleting")


class Rig:
    """What every test of the suite works with."""

    def __init__(self, target: Target) -> None:
        self.target = target
        #: Operations called since they were last asked for, such as `logs.GetLogEvents`.
        self.called: set[str] = set()
        #: Statuses described since they were last asked for, such as
        #: `EndpointStatus=InService`.
        self.seen: set[str] = set()
        #: Refusals since they were last asked for, each as `code: message`.
        self.refused: set[str] = set()
        self._created = Created()
        self._numbers = itertools.count(1)
        self._run = f"conf-{uuid.uuid4().hex[:8]}"
        self.sagemaker = self.client("sagemaker")
        self.runtime = self.client("sagemaker-runtime")
        self.s3 = self.client("s3")
        self.logs = self.client("logs")
        #: Where a run keeps its objects: a bucket, and a prefix in it.
        self.bucket = target.bucket or self._new_bucket()
        self.folder = f"s3://{self.bucket}/{self._run}"
        self.put("in/rows.csv", ROWS)

    def client(self, service: str) -> Any:
        """Return a client that tries once, and whose calls are recorded."""
        config = Config(retries={"total_max_attempts": 1})
        client = boto3.client(service, config=config, **self.target.settings)
        events = client.meta.events
        events.register(
            "before-call", lambda model, **_: self.called.add(f"{service}.{model.name}")
        )
        if service == "sagemaker":
            events.register("after-call.sagemaker", self._note)
        return client

    def name(self) -> str:
        """Return a name that nothing else has."""
        return f"{self._run}-{next(self._numbers)}"

    def arn(self, kind: str, name: str) -> str:
        """Return the ARN of a resource of this account."""
        return f"arn:aws:sagemaker:{self.target.region}:{self.target.account}:{kind}/{name}"

    def put(self, key: str, body: bytes) -> str:
        """Store an object in the run's folder and return its address."""
        self.s3.put_object(Bucket=self.bucket, Key=f"{self._run}/{key}", Body=body)
        return f"{self.folder}/{key}"

    def read(self, address: str) -> bytes:
        """Return an object of the run's folder."""
        bucket, _, key = address.removeprefix("s3://").partition("/")
        content: bytes = self.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        return content

    def keys(self, folder: str) -> set[str]:
        """Return the keys below a folder of the run, relative to it."""
        prefix = f"{self._run}/{folder}/"
        found = self.s3.list_objects_v2(Bucket=self.bucket, Prefix=prefix)
        return {each["Key"].removeprefix(prefix) for each in found.get("Contents", [])}

    def artifact(self, **weights: str) -> str:
        """Store a model's archive and return its address."""
        content, archive = json.dumps(weights).encode(), io.BytesIO()
        with tarfile.open(fileobj=archive, mode="w:gz") as tar:
            member = tarfile.TarInfo("weights.json")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
        return self.put(f"models/{self.name()}/model.tar.gz", archive.getvalue())

    def eventually(self, condition: Callable[[], Any]) -> Any:
        """Return the first true value of a condition."""
        found: list[Any] = []

        def holds() -> bool:
            found.append(condition())
            return bool(found[-1])

        wait_until(holds, seconds=self.target.patience, pause=self.target.pause)
        return found[-1]

    def settled(self, noun: str, name: str) -> dict[str, Any]:
        """Wait until a job or an endpoint is in no transition, and describe it."""
        snake = "_".join(noun.lower().split())
        prefix = noun.title().replace(" ", "")
        describe = getattr(self.sagemaker, f"describe_{snake}")

        def look() -> dict[str, Any] | None:
            found: dict[str, Any] = describe(**{f"{prefix}Name": name})
            return None if found[f"{prefix}Status"] in _BUSY else found

        settled: dict[str, Any] = self.eventually(look)
        return settled

    def said(self, group: str, name: str) -> list[str]:
        """Return what the containers of a job or an endpoint have said so far."""
        reading = {"logGroupName": f"/aws/sagemaker/{group}"}
        if not group.startswith("Endpoints/"):
            reading["logStreamNamePrefix"] = f"{name}/"
        try:
            events = self.logs.filter_log_events(**reading)["events"]
        except self.logs.exceptions.ResourceNotFoundException:
            return []
        return [each["message"] for each in events]

    def delete_all(self) -> None:
        """Delete what the run created, its objects too."""
        self._created.delete(self.sagemaker, self.eventually)
        pages = self.s3.get_paginator("list_objects_v2")
        for page in pages.paginate(Bucket=self.bucket, Prefix=f"{self._run}/"):
            for each in page.get("Contents", []):
                self.s3.delete_object(Bucket=self.bucket, Key=each["Key"])
        if not self.target.bucket:
            self.s3.delete_bucket(Bucket=self.bucket)

    def _note(self, model: Any, parsed: Mapping[str, Any], **_: object) -> None:
        if error := parsed.get("Error"):
            self.refused.add(f"{error['Code']}: {error['Message']}")
        if model.name.startswith("Create"):
            self._created.note(parsed)
        if model.name.startswith("Describe"):
            self.seen |= set(_statuses(parsed))

    def _new_bucket(self) -> str:
        name = f"conformance-{uuid.uuid4().hex[:12]}"
        where = {"LocationConstraint": self.target.region}
        self.s3.create_bucket(Bucket=name, CreateBucketConfiguration=where)
        return name


def _statuses(described: Mapping[str, Any]) -> Iterator[str]:
    for name, value in described.items():
        if name.endswith("Status") and isinstance(value, str):
            yield f"{name}={value}"
    for each in described.get("SecondaryStatusTransitions", []):
        yield f"SecondaryStatus={each['Status']}"
    pending = described.get("PendingDeploymentSummary", {})
    for variant in pending.get("ProductionVariants", []):
        for each in variant.get("VariantStatus", []):
            yield f"VariantStatus={each['Status']}"


def refused(call: Callable[..., Any], **request: Any) -> tuple[str, str]:
    """Return the code and the message with which a call is refused."""
    try:
        call(**request)
    except ClientError as error:
        said = error.response["Error"]
        return said["Code"], said["Message"]
    message = f"{call.__name__} was not refused"
    raise AssertionError(message)
