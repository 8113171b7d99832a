from conformance_claims import guide, ours


@guide(
    "logging-cloudwatch",
    "/aws/sagemaker/TrainingJobs has streams [job]/algo-[number]-[time]",
)
def test_a_training_jobs_stream_is_named_after_it(rig, trained):
    name = trained["TrainingJobName"]
    [stream] = rig.logs.describe_log_streams(
        logGroupName="/aws/sagemaker/TrainingJobs", logStreamNamePrefix=f"{name}/"
    )["logStreams"]

    assert stream["logStreamName"].startswith(f"{name}/algo-1-")


@guide("logging-cloudwatch", "what a container writes to its output is in its log")
def test_the_events_of_a_stream_are_in_their_order(rig, trained):
    name = trained["TrainingJobName"]
    group = "/aws/sagemaker/TrainingJobs"
    [stream] = rig.logs.describe_log_streams(
        logGroupName=group, logStreamNamePrefix=f"{name}/"
    )["logStreams"]
    events = rig.logs.get_log_events(
        logGroupName=group, logStreamName=stream["logStreamName"], startFromHead=True
    )["events"]
    lines = [each["message"] for each in events]

    assert lines[0].startswith("loss=0.5;")
    assert lines[-1].startswith("loss=0.25; done")
    assert [each["timestamp"] for each in events] == sorted(
        each["timestamp"] for each in events
    )


@ours("the logs of a job are there while it runs")
def test_a_running_job_is_read(rig, train):
    name = train({"seconds": "600"})
    lines = rig.eventually(lambda: rig.said("TrainingJobs", name))
    running = rig.sagemaker.describe_training_job(TrainingJobName=name)
    rig.sagemaker.stop_training_job(TrainingJobName=name)

    assert lines[0].startswith("loss=0.5;")
    assert running["TrainingJobStatus"] == "InProgress"
