"""The checks after a restart, and of a server at rest."""

from botocore.exceptions import ClientError
from soak_ledger import ENDED, JOBS, Ledger, Resource, digest
from soak_world import ARNS, BUCKET, World

from slipway.testing.waiting import wait_until

#: Seconds in which everything must settle.
PATIENCE = 180.0
_BUSY = ("Creating", "Updating", "RollingBack", "Deleting")


def check_acknowledged(world: World, ledger: Ledger, *, everything: bool) -> None:
    """Read back what was acknowledged: what is new since the last check, or all."""
    keys = set(ledger.objects) if everything else set(ledger.touched)
    for key in sorted(keys):
        _check_object(world, ledger, key)
    ledger.touched.clear()
    for resource in ledger.of(*JOBS, "model", "config", "endpoint"):
        if everything or not resource.ended:
            _check_resource(world, ledger, resource)


def check_settled(world: World, ledger: Ledger) -> None:
    """Wait until nothing is under way, and find everything as it must be."""
    try:
        wait_until(lambda: not _unsettled(world, ledger), seconds=PATIENCE)
    except TimeoutError:
        ledger.violated(f"stuck: {', '.join(_unsettled(world, ledger))}")
        return
    serving = 0
    for endpoint in ledger.of("endpoint"):
        found = world.described("endpoint", endpoint.name)
        if found is None:
            continue
        variants = found.get("ProductionVariants", [])
        serving += sum(each["DesiredInstanceCount"] for each in variants)
        if found["EndpointStatus"] != "InService":
            ledger.violated(f"{endpoint.name}: {found}")
        elif found["EndpointConfigName"] not in endpoint.configs:
            name = found["EndpointConfigName"]
            ledger.violated(f"{endpoint.name} is on {name}, not {endpoint.configs}")
    # A process of a shim and one of the container; Docker shows the container alone.
    each = 2 if world.executor == "process" else 1
    _wait_for_orphans(world, ledger, serving * each)


def check_nothing_is_left(world: World, ledger: Ledger) -> None:
    """Delete every endpoint, and find no container, process or folder of one."""
    for endpoint in ledger.of("endpoint"):
        if world.described("endpoint", endpoint.name) is not None:
            world.sagemaker.delete_endpoint(EndpointName=endpoint.name)
            endpoint.fate, endpoint.serves = "absent", False
    check_settled(world, ledger)
    check_acknowledged(world, ledger, everything=True)
    try:
        wait_until(lambda: not world.left_over(), seconds=PATIENCE)
    except TimeoutError:
        ledger.violated(f"left over: {sorted(world.left_over())}")


def _wait_for_orphans(world: World, ledger: Ledger, expected: int) -> None:
    try:
        wait_until(lambda: len(world.running()) == expected, seconds=PATIENCE)
    except TimeoutError:
        found = sorted(world.running())
        ledger.violated(f"{len(found)} run, {expected} expected: {found}")


def _check_object(world: World, ledger: Ledger, key: str) -> None:
    try:
        body = world.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
        found = digest(body)
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchKey":
            raise
        found = None
    if found not in ledger.objects[key]:
        ledger.violated(f"object {key} is {found}, not {ledger.objects[key]}")
    # It is settled: what is there now stays.
    ledger.objects[key] = {found}


def _check_resource(world: World, ledger: Ledger, resource: Resource) -> None:
    found = world.described(resource.kind, resource.name)
    if found is None:
        if resource.fate == "present":
            ledger.violated(f"{resource.kind} {resource.name} is gone")
        resource.fate, resource.serves = "absent", False
        return
    if resource.kind == "endpoint":
        if resource.fate == "maybe":
            resource.fate = "present"
        status = found["EndpointStatus"]
        if status == "Deleting":
            resource.fate, resource.serves = "absent", False
        elif resource.fate == "absent":
            ledger.violated(f"{resource.name} is {status} after its deletion")
        return
    if resource.kind not in JOBS:
        return
    resource.fate = "present"
    _check_job(ledger, resource, found[f"{resource.kind.capitalize()}JobStatus"], found)
    if resource.tags:
        arn = f"{ARNS}:training-job/{resource.name}"
        kept = world.sagemaker.list_tags(ResourceArn=arn)["Tags"]
        missing = resource.tags.items() - {(t["Key"], t["Value"]) for t in kept}
        if missing:
            ledger.violated(f"{resource.name} lost its tags {missing}")


def _check_job(
    ledger: Ledger, job: Resource, status: str, found: dict[str, object]
) -> None:
    if job.ended and status != job.ended:
        ledger.violated(f"{job.name} was {job.ended}, and is {status}")
    if status in ENDED:
        job.ended = status
    wanted = ("Completed", "Stopped") if job.stopped else ("Completed",)
    if job.ended and job.ended not in wanted:
        reason = found.get("FailureReason", "")
        ledger.violated(f"{job.name} is {status}, not {wanted}: {reason}")


def _unsettled(world: World, ledger: Ledger) -> list[str]:
    found = []
    for each in ledger.of(*JOBS, "endpoint"):
        if each.ended or (each.kind != "endpoint" and each.fate == "absent"):
            continue
        description = world.described(each.kind, each.name)
        if each.kind == "endpoint":
            status = (description or {}).get("EndpointStatus", "")
            if status in _BUSY:
                found.append(f"{each.name} {status}")
        elif description is not None:
            status = description[f"{each.kind.capitalize()}JobStatus"]
            _check_job(ledger, each, status, description)
            if status not in ENDED:
                found.append(f"{each.name} {status}")
    return found
