import os
import signal
import socket
import subprocess
import sys

import psutil

from slipway.testing.local_stack import LocalServer


def test_a_job_runs_on_while_the_server_is_dead(own_rig):
    bucket = own_rig.bucket_with(one=b"first")
    parameters = {"seconds": "2", "answer": "42"}
    name = own_rig.start_training(bucket, HyperParameters=parameters)
    before = own_rig.training(name, "Training")
    own_rig.said(name)

    own_rig.server.kill()
    own_rig.start()
    job = own_rig.training(name)

    assert job["TrainingJobStatus"] == "Completed"
    assert job["TrainingStartTime"] == before["TrainingStartTime"]
    artifact = f"models/{name}/output/model.tar.gz"
    assert own_rig.s3.head_object(Bucket=bucket, Key=artifact)["ContentLength"]
    group = "/aws/sagemaker/TrainingJobs"
    found = own_rig.logs.filter_log_events(
        logGroupName=group, logStreamNamePrefix=f"{name}/"
    )
    lines = [each["message"] for each in found["events"]]
    assert lines == ["loss=0.5;", "loss=0.25; done"]


def test_a_job_that_ended_while_the_server_was_dead_keeps_its_exit_code(own_rig):
    bucket = own_rig.bucket_with(one=b"first")
    parameters = {"seconds": "0.5", "fail": "too bad"}
    name = own_rig.start_training(bucket, HyperParameters=parameters)
    own_rig.said(name)
    own_rig.server.kill()
    wait_for_end(own_rig)

    own_rig.start()

    reason = "AlgorithmError: too bad, exit code: 3"
    assert own_rig.training(name)["FailureReason"] == reason


def test_endpoints_models_and_objects_survive_a_kill(own_rig):
    bucket = own_rig.bucket_with(one=b"first")
    endpoint = own_rig.endpoint(own_rig.config(own_rig.trained(bucket, answer="1")))
    containers = running_containers(own_rig)

    own_rig.server.kill()
    own_rig.start()

    assert own_rig.ask(endpoint)["answer"] == "1"
    assert running_containers(own_rig) == containers
    stored = own_rig.s3.get_object(Bucket=bucket, Key="data/one.txt")
    assert stored["Body"].read() == b"first"


def test_an_endpoint_comes_up_again_after_a_stop(own_rig):
    bucket = own_rig.bucket_with(one=b"first")
    endpoint = own_rig.endpoint(own_rig.config(own_rig.trained(bucket, answer="1")))

    assert own_rig.server.stop() == 0
    assert running_containers(own_rig) == set()
    own_rig.start()

    assert own_rig.ask(endpoint)["answer"] == "1"


def test_a_stop_ends_jobs_with_a_reason(own_rig):
    bucket = own_rig.bucket_with(one=b"first")
    name = own_rig.start_training(bucket, HyperParameters={"seconds": "600"})
    own_rig.training(name, "Training")

    own_rig.server.stop()
    assert running_containers(own_rig) == set()
    own_rig.start()

    job = own_rig.sagemaker.describe_training_job(TrainingJobName=name)
    assert job["TrainingJobStatus"] == "Failed"
    assert "was shut down while the job ran" in job["FailureReason"]


def test_an_update_goes_on_after_a_kill(own_rig):
    bucket = own_rig.bucket_with(one=b"first")
    first, second = (own_rig.trained(bucket, answer=n) for n in "12")
    endpoint = own_rig.endpoint(own_rig.config(first))
    target = own_rig.config(second)

    own_rig.sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName=target)
    own_rig.server.kill()
    own_rig.start()

    assert own_rig.settled(endpoint)["EndpointConfigName"] == target
    assert own_rig.ask(endpoint)["answer"] == "2"
    own_rig.eventually(lambda: len(running_containers(own_rig)) == 1)


def test_a_lost_job_fails_with_a_reason(own_rig):
    bucket = own_rig.bucket_with(one=b"first")
    name = own_rig.start_training(bucket, HyperParameters={"seconds": "600"})
    own_rig.said(name)
    own_rig.server.kill()
    for container in running_containers(own_rig):
        remove(own_rig, container)

    own_rig.start()

    job = own_rig.training(name)
    assert job["TrainingJobStatus"] == "Failed"
    assert "was gone when the local SageMaker server started" in job["FailureReason"]


def test_a_deletion_goes_on_after_a_kill(own_rig):
    bucket = own_rig.bucket_with(one=b"first")
    endpoint = own_rig.endpoint(own_rig.config(own_rig.trained(bucket, answer="1")))

    own_rig.sagemaker.delete_endpoint(EndpointName=endpoint)
    own_rig.server.kill()
    own_rig.start()

    own_rig.eventually(lambda: not running_containers(own_rig))
    listed = own_rig.client("sagemaker")
    missing = listed.exceptions.ClientError
    own_rig.eventually(lambda: raises(missing, listed, endpoint))


def test_a_taken_port_is_one_line_and_touches_nothing(tmp_path, images):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        found = start_on(port, tmp_path / "state", images)

    assert found.returncode == 2
    (line,) = found.stderr.splitlines()
    assert line.startswith(f"Port {port} of 127.0.0.1 is taken.")
    assert not (tmp_path / "state").exists()


def test_a_second_server_on_the_same_state_is_refused(tmp_path, images):
    server = LocalServer(tmp_path / "state", images).start()
    try:
        found = start_on(0, tmp_path / "state", images)
    finally:
        server.stop()

    assert found.returncode == 2
    (line,) = found.stderr.splitlines()
    assert line.startswith("Another server uses the state folder")


def start_on(port, state, images):
    command = [sys.executable, "-m", "slipway.sagemaker_local", "--port", str(port)]
    command += ["--state", str(state), "--images", str(images)]
    return subprocess.run(
        [*command, "--executor", "process"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def raises(error, client, endpoint):
    try:
        client.describe_endpoint(EndpointName=endpoint)
    except error:
        return True
    return False


def running_containers(rig):
    """Return what runs of a rig's server: process ids, or containers' names."""
    if rig.executor == "docker":
        return {each.name for each in docker_containers(rig)}
    top = str(rig.server.state)
    return {
        process.pid
        for process in psutil.process_iter(["cmdline"])
        if "shim.py" in " ".join(process.info["cmdline"] or ())
        and top in " ".join(process.info["cmdline"])
    }


def docker_containers(rig):
    import docker

    client = docker.from_env()
    label = f"slipway.state={(rig.server.state / 'id').read_text()}"
    found = client.containers.list(filters={"label": label}, ignore_removed=True)
    client.close()
    return found


def wait_for_end(rig):
    rig.eventually(lambda: not running_containers(rig))


def remove(rig, container):
    if rig.executor == "docker":
        for each in docker_containers(rig):
            each.remove(force=True)
        return
    os.kill(container, signal.SIGKILL)
