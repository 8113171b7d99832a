"""The load: workers that ask for things until the server is gone."""

import json
import random
import threading
from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from soak_deployments import STRATEGIES
from soak_ledger import JOBS, Ledger, Resource, Upload
from soak_world import ARNS, BUCKET, World

PART = 5 * 1024 * 1024
_LARGEST = 200_000
_MOST_JOBS, _MOST_ENDPOINTS, _MOST_UPLOADS = 4, 2, 2
#: Answers to what comes at a bad time: nothing is wrong with them.
_UNTIMELY = (
    "Cannot update in-progress endpoint",
    "The request was rejected because",
    "Could not find",
    "not found",
)


class Gone(Exception):  # noqa: N818  # no error: the server was killed
    """The server answers no more."""


class Load:
    """Workers of one world; one ledger for all rounds."""

    def __init__(self, world: World, ledger: Ledger, seed: int) -> None:
        self._world, self._ledger = world, ledger
        self._chances = {
            name: random.Random(f"{seed} {name}")  # noqa: S311  # a load, not a secret
            for name in _WORKERS
        }
        self._serial = 0
        self._lock = threading.Lock()
        self._over = threading.Event()

    def begin(self) -> list[threading.Thread]:
        """Start every worker; each ends with the server, or when told."""
        self._over.clear()
        threads = [
            threading.Thread(target=self._work, args=(name,), name=name, daemon=True)
            for name in _WORKERS
        ]
        for thread in threads:
            thread.start()
        return threads

    def end(self) -> None:
        """Tell the workers that it is over."""
        self._over.set()

    def _work(self, worker: str) -> None:
        chance = self._chances[worker]
        while not self._over.is_set():
            action = chance.choice(_WORKERS[worker])
            try:
                action(self, chance)
            except (Gone, BotoCoreError):
                return
            except ClientError as error:
                if not self._is_untimely(error):
                    what = f"{worker} {action.__name__}: {error}"
                    self._ledger.violated(what)

    def _is_untimely(self, error: ClientError) -> bool:
        message = error.response["Error"]["Message"]
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        return status < 500 and any(text in message for text in _UNTIMELY)

    def _name(self, kind: str) -> str:
        with self._lock:
            self._serial += 1
            return f"{kind}-{self._serial}"

    def put(self, chance: random.Random) -> None:
        """Write an object, new or over another."""
        key = f"objects/{threading.current_thread().name}/{chance.randrange(40)}"
        body = chance.randbytes(chance.choice((0, 10, 3000, _LARGEST)))
        self._ledger.put_begins(key, body)
        self._world.s3.put_object(Bucket=BUCKET, Key=key, Body=body)
        self._ledger.put_acknowledged(key, body)

    def delete(self, chance: random.Random) -> None:
        """Delete an object, there or not."""
        key = f"objects/{threading.current_thread().name}/{chance.randrange(40)}"
        self._ledger.put_begins(key, None)
        self._world.s3.delete_object(Bucket=BUCKET, Key=key)
        self._ledger.put_acknowledged(key, None)

    def upload(self, chance: random.Random) -> None:
        """Take a multipart upload one step further."""
        if len(self._ledger.uploads) < _MOST_UPLOADS:
            key = self._name("objects/multipart/upload")
            answer = self._world.s3.create_multipart_upload(Bucket=BUCKET, Key=key)
            bodies = [chance.randbytes(PART), chance.randbytes(1000)]
            self._ledger.uploads.append(Upload(key, answer["UploadId"], bodies))
            return
        upload = self._ledger.uploads[0]
        for number, body in enumerate(upload.bodies, start=1):
            if number not in upload.etags:
                self._upload_part(upload, number, body)
                return
        self._complete(upload)

    def _upload_part(self, upload: Upload, number: int, body: bytes) -> None:
        answer = self._world.s3.upload_part(
            Bucket=BUCKET,
            Key=upload.key,
            UploadId=upload.id,
            PartNumber=number,
            Body=body,
        )
        upload.etags[number] = answer["ETag"]
        self._ledger.count("parts")

    def _complete(self, upload: Upload) -> None:
        body = b"".join(upload.bodies)
        self._ledger.put_begins(upload.key, body)
        parts = [
            {"PartNumber": number, "ETag": etag}
            for number, etag in sorted(upload.etags.items())
        ]
        try:
            self._world.s3.complete_multipart_upload(
                Bucket=BUCKET,
                Key=upload.key,
                UploadId=upload.id,
                MultipartUpload={"Parts": parts},
            )
        except ClientError as error:
            # An earlier attempt was carried out, and its answer lost.
            if error.response["Error"]["Code"] != "NoSuchUpload":
                raise
        self._ledger.uploads.remove(upload)
        self._ledger.put_acknowledged(upload.key, body)
        self._ledger.count("multipart uploads")

    def train(self, chance: random.Random) -> None:
        """Create a training job."""
        seconds = f"{chance.uniform(0, 0.5):.2f}"
        self._create("training", lambda name: self._world.train(name, seconds=seconds))

    def process(self, _chance: random.Random) -> None:
        """Create a processing job."""
        self._create("processing", self._world.process)

    def transform(self, _chance: random.Random) -> None:
        """Create a transform job."""
        self._create("transform", self._world.transform)

    def _create(self, kind: Any, create: Callable[[str], None]) -> None:
        unfinished = [
            each
            for each in self._ledger.of(*JOBS)
            if each.fate != "absent" and not each.ended
        ]
        if len(unfinished) >= _MOST_JOBS:
            self._observe(unfinished[0])
            return
        job = self._ledger.resource(kind, self._name(kind))
        create(job.name)
        job.fate = "present"
        self._ledger.count(f"{kind} jobs")

    def stop(self, chance: random.Random) -> None:
        """Stop a training job that may be running."""
        jobs = [each for each in self._ledger.of("training") if not each.ended]
        if jobs:
            job = chance.choice(jobs)
            job.stopped = True
            self._world.sagemaker.stop_training_job(TrainingJobName=job.name)
            self._ledger.count("stops")

    def tag(self, chance: random.Random) -> None:
        """Tag a job."""
        jobs = [each for each in self._ledger.of("training") if each.fate == "present"]
        if jobs:
            job, value = chance.choice(jobs[-20:]), str(chance.randrange(10**6))
            key = f"key-{len(job.tags)}"
            if len(job.tags) < 20:
                arn = f"{ARNS}:training-job/{job.name}"
                tags = [{"Key": key, "Value": value}]
                self._world.sagemaker.add_tags(ResourceArn=arn, Tags=tags)
                job.tags[key] = value
                self._ledger.count("tags")

    def endpoint(self, chance: random.Random) -> None:
        """Create an endpoint, or change one that is there."""
        there = [each for each in self._ledger.of("endpoint") if each.fate != "absent"]
        if len(there) < _MOST_ENDPOINTS:
            endpoint = self._ledger.resource("endpoint", self._name("endpoint"))
            config = chance.choice(("config-1", "config-2"))
            endpoint.configs.add(config)
            self._world.sagemaker.create_endpoint(
                EndpointName=endpoint.name, EndpointConfigName=config
            )
            endpoint.fate = "present"
            self._ledger.count("endpoints")
            return
        endpoint = chance.choice(there)
        if self._observe(endpoint) != "InService":
            return
        if chance.random() < 0.15:
            self._delete(endpoint)
        elif chance.random() < 0.5:
            strategy = chance.choice(tuple(STRATEGIES))
            self._update(endpoint, chance.choice(("config-1", "config-2")), strategy)
        else:
            self._scale(endpoint, chance.randint(1, 2))

    def _delete(self, endpoint: Resource) -> None:
        endpoint.serves, endpoint.fate = False, "maybe"
        self._world.sagemaker.delete_endpoint(EndpointName=endpoint.name)
        endpoint.fate = "absent"
        self._ledger.count("endpoint deletions")

    def _update(self, endpoint: Resource, config: str, strategy: str) -> None:
        endpoint.configs.add(config)
        self._world.sagemaker.update_endpoint(
            EndpointName=endpoint.name,
            EndpointConfigName=config,
            DeploymentConfig=STRATEGIES[strategy],
        )
        endpoint.configs = {config}
        self._ledger.count(f"{strategy} updates")

    def _scale(self, endpoint: Resource, instances: int) -> None:
        capacity = {"VariantName": "primary", "DesiredInstanceCount": instances}
        self._world.sagemaker.update_endpoint_weights_and_capacities(
            EndpointName=endpoint.name, DesiredWeightsAndCapacities=[capacity]
        )
        self._ledger.count("scalings")

    def invoke(self, chance: random.Random) -> None:
        """Ask an endpoint that serves."""
        serving = [each for each in self._ledger.of("endpoint") if each.serves]
        if not serving:
            return
        endpoint = chance.choice(serving)
        try:
            answer = self._world.runtime.invoke_endpoint(
                EndpointName=endpoint.name, Body=b"hello"
            )
        except ClientError:
            # A deletion may have begun meanwhile.
            if endpoint.serves:
                raise
            return
        said = json.loads(answer["Body"].read())["answer"]
        if said not in ("1", "2"):
            self._ledger.violated(f"{endpoint.name} answered {said!r}")
        self._ledger.count("invocations")

    def _observe(self, resource: Resource) -> str:
        found = self._world.described(resource.kind, resource.name)
        if found is None:
            if resource.fate == "present":
                self._ledger.violated(f"{resource.kind} {resource.name} is gone")
            resource.fate, resource.serves = "absent", False
            return ""
        resource.fate = "present"
        if resource.kind == "endpoint":
            status = str(found["EndpointStatus"])
            resource.serves = status in ("InService", "Updating")
            if status == "Deleting":
                resource.fate = "absent"
            return status
        prefix = resource.kind.capitalize()
        status = str(found[f"{prefix}JobStatus"])
        if status in ("Completed", "Failed", "Stopped"):
            resource.ended = status
        return status


_WORKERS: dict[str, tuple[Callable[[Load, random.Random], None], ...]] = {
    "objects-a": (Load.put, Load.put, Load.put, Load.delete),
    "objects-b": (Load.put, Load.upload, Load.upload),
    "jobs": (
        *(Load.train, Load.process, Load.transform),
        *(Load.train, Load.process, Load.stop, Load.tag),
    ),
    "endpoints": (Load.endpoint,),
    "invocations": (Load.invoke,),
}
