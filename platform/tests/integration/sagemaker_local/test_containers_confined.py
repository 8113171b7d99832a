"""What a container finds when it looks around: with Docker, and as a process."""

import io
import json
import os
import tarfile
from pathlib import Path

import pytest

LOOK = Path(__file__).with_name("looking_container.py").read_text()


@pytest.fixture
def secretive(monkeypatch):
    """An environment of the server's own that no container may see."""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "of-the-host")
    monkeypatch.setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "of-the-host")
    monkeypatch.setenv("SECRET_OF_THE_HOST", "of-the-host")


@pytest.fixture
def rig_of_a_secretive_host(secretive, own_rig):
    return own_rig


def looked(rig, **changes):
    """Run a job that looks around, and return what it found."""
    bucket = rig.bucket()
    rig.s3.put_object(Bucket=bucket, Key="data/look.py", Body=LOOK.encode())
    path = "/opt/ml/processing/input/in/look.py"
    script = (
        "import os, runpy;"
        "root = os.environ.get('SAGEMAKER_BASE_DIR', '/opt/ml');"
        f"runpy.run_path({path!r}.replace('/opt/ml', root), run_name='__main__')"
    )
    application = {
        "ImageUri": rig.image,
        "ContainerEntrypoint": ["python", "-c", script],
    }
    name = rig.start_processing(bucket, AppSpecification=application, **changes)
    job = rig.processing(name)
    assert job["ProcessingJobStatus"] == "Completed", job
    found = rig.s3.get_object(Bucket=bucket, Key="out/found.json")["Body"].read()
    return json.loads(found)


def test_a_job_sees_nothing_of_its_host(rig_of_a_secretive_host):
    rig = rig_of_a_secretive_host

    found = looked(rig, NetworkConfig={"EnableNetworkIsolation": True})

    assert "of-the-host" not in found["environment"].values()
    assert not [name for name in found["environment"] if name.startswith("AWS_")]
    assert found["home"] == []
    if rig.executor == "docker":
        assert int(found["status"]["CapEff"], 16) == 0
        assert int(found["status"]["CapPrm"], 16) == 0
        assert int(found["status"]["CapBnd"], 16) == 0
        assert found["status"]["NoNewPrivs"] == "1"
        assert found["docker_socket"] is False
        assert found["devices"] == []
        assert found["pids_max"] == "4096"
        assert found["memory_max"] == str(8 * 1024**3)
        # In microseconds of each tenth of a second: an ml.m5.large has two processors.
        quota = found["cpu_quota"].split()[0]
        assert quota == str(min(2, os.cpu_count()) * 100_000)
        assert found["reaches_server"] is False
        assert str(rig.server.state) not in found["mounts"]


def test_a_job_that_is_not_isolated_has_its_role_and_nothing_more(
    rig_of_a_secretive_host,
):
    found = looked(rig_of_a_secretive_host)

    names = {name for name in found["environment"] if name.startswith("AWS_")}
    assert names == {
        "AWS_ENDPOINT_URL",
        "AWS_DEFAULT_REGION",
        "AWS_REGION",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
    }
    assert found["environment"]["AWS_SECRET_ACCESS_KEY"] == "slipway-local"
    assert found["reaches_server"] is True


def test_an_endpoints_model_is_read_only(own_rig):
    bucket = own_rig.bucket_with(one=b"first")
    endpoint = own_rig.endpoint(own_rig.config(own_rig.trained(bucket, answer="1")))

    said = own_rig.ask(endpoint)

    assert said["credentials"] == []
    # Root writes where the mode forbids it, unless the file system is read-only.
    assert said["writable"] is False


@pytest.mark.parametrize("name", ["../outside", "/etc/outside"])
def test_an_endpoint_of_a_bad_archive_fails_and_leaves_nothing(own_rig, name):
    bucket = own_rig.bucket()
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as packed:
        for each in ("weights.json", name):
            packed.addfile(tarfile.TarInfo(each), io.BytesIO())
    own_rig.s3.put_object(Bucket=bucket, Key="model.tar.gz", Body=archive.getvalue())

    endpoint = own_rig.endpoint(own_rig.config(f"s3://{bucket}/model.tar.gz"))

    found = own_rig.sagemaker.describe_endpoint(EndpointName=endpoint)
    assert found["EndpointStatus"] == "Failed"
    assert "leads out of the archive's folder" in found["FailureReason"]
    own_rig.eventually(lambda: left_over(own_rig) == set())


def left_over(rig):
    if rig.executor == "process":
        return {path.name for path in (rig.server.state / "processes").iterdir()}
    import docker

    client = docker.from_env()
    label = {"label": f"slipway.state={(rig.server.state / 'id').read_text()}"}
    containers = client.api.containers(all=True, filters=label)
    volumes = client.api.volumes(filters=label)["Volumes"] or []
    client.close()
    return {each["Id"] for each in containers} | {each["Name"] for each in volumes}
