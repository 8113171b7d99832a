from concurrent.futures import ThreadPoolExecutor

import psycopg

from slipway.controller.leased import run_lease
from slipway.testing.waiting import wait_until

DATE, MODEL = "2026-01-31", "tumor_malignancy"
BEFORE_TRAIN = ("extract", "quality", "preprocess")


def at_once(*calls):
    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result() for future in [pool.submit(call) for call in calls]]


def opened(instance, model, key):
    asked = {"model": model, "logical_date": DATE, "key": key}
    status, run = instance.ask("POST", "/v1/runs", asked)
    assert status == 201, run
    return run["run_id"]


def holder(home, model, run_id):
    """The process that holds the run's lease."""
    text = (home.root / "platform" / "environments" / "local.yaml").read_text()
    url = text.rpartition('database_url: "')[2].partition('"')[0]
    with psycopg.connect(url) as connection:
        query = "SELECT holder FROM lease WHERE resource = %s"
        lease = run_lease("local", model, run_id)
        row = connection.execute(query, (lease,)).fetchone()
    return int(row[0].rpartition("process ")[2])


def group_of(pid):
    """The process that leads the group of another one."""
    with open(f"/proc/{pid}/stat") as file:  # noqa: PTH123 - no file, a look
        return int(file.read().rpartition(")")[2].split()[2])


def test_two_instances_take_each_step_once_and_answer_a_key_once(home, serve):
    one, other = serve(), serve()
    force = {"force": True}  # another test may have extracted the same
    asked = {"model": MODEL, "logical_date": DATE, "key": "dag/once", "config": force}
    both = at_once(
        *(lambda i=i: i.ask("POST", "/v1/runs", asked) for i in (one, other))
    )
    run_id = both[0][1]["run_id"]
    step = f"/v1/runs/{run_id}/steps/extract"

    answers = at_once(
        *(lambda i=i: i.ask("POST", step, {"attempt": 1}) for i in (one, other) * 4)
    )
    wait_until(lambda: one.step(run_id, "extract")["ended"], seconds=300)

    assert sorted(status for status, _run in both) == [200, 201]
    assert both[1][1]["run_id"] == run_id
    assert {status for status, _step in answers} == {202}
    found = one.step(run_id, "extract")
    assert found == other.step(run_id, "extract")
    assert (found["state"], found["attempt"]) == ("succeeded", 1)
    operations = one.ask("GET", f"/v1/operations?run_id={run_id}")[1]["items"]
    assert [operation["generation"] for operation in operations] == [1]
    key = {"Idempotency-Key": "made-once"}
    other.token = one.token  # keys are their caller's
    token = {"name": "made-once", "role": "viewer"}
    first = one.ask("POST", "/v1/tokens", token, **key)
    again = other.ask("POST", "/v1/tokens", token, **key)
    assert (first[0], {**first[1], "secret": None}) == again


def test_a_step_of_an_instance_that_died_is_finished_by_another(
    home, serve, slow_model
):
    instances = [serve(), serve()]
    model = slow_model("taken_over", 8)
    run_id = opened(instances[0], model, "dag/taken-over")
    image = home.state / "images" / "slipway" / "taken-over"
    assert not image.exists()  # whoever opens a run waits for no build
    for name in BEFORE_TRAIN:
        assert instances[0].take(run_id, name)["state"] == "succeeded"
    instances[0].ask("POST", f"/v1/runs/{run_id}/steps/train", {"attempt": 1})
    wait_until(lambda: home.is_training(model), seconds=300)

    leader = group_of(holder(home, model, run_id))
    dead = next(i for i in instances if i.process.pid == leader)
    alive = next(i for i in instances if i is not dead)
    dead.kill()
    wait_until(lambda: alive.step(run_id, "train")["ended"], seconds=300)

    assert alive.step(run_id, "train")["state"] == "succeeded"
    assert list(home.training_jobs(model).values()) == ["Completed"]
    calls = alive.ask("GET", f"/v1/operations?run_id={run_id}")[1]["items"]
    assert [c["generation"] for c in calls if "Training" in c["call"]] == [1]


def test_a_step_that_is_stopped_stops_its_job_and_begins_again_when_asked(
    home, serve, slow_model
):
    api = serve()
    model = slow_model("stopped_step", 600)
    run_id = opened(api, model, "dag/stopped")
    for name in BEFORE_TRAIN:
        assert api.take(run_id, name)["state"] == "succeeded"
    train = f"/v1/runs/{run_id}/steps/train"
    api.ask("POST", train, {"attempt": 1})
    wait_until(lambda: home.is_training(model), seconds=300)

    status, step = api.ask("POST", f"{train}/stop", {})
    wait_until(lambda: api.step(run_id, "train")["ended"], seconds=300)

    assert (status, step["state"] in {"stopping", "stopped"}) == (202, True)
    ended = api.step(run_id, "train")
    assert (ended["state"], ended["retryable"]) == ("stopped", False)
    assert list(home.training_jobs(model).values()) == ["Stopped"]
    assert api.ask("POST", train, {"attempt": 1})[1]["state"] == "stopped"
    assert api.ask("POST", train, {"attempt": 2})[1]["state"] in {"queued", "running"}
    wait_until(lambda: home.is_training(model), seconds=300)
    api.ask("POST", f"{train}/stop", {})
    wait_until(lambda: api.step(run_id, "train")["ended"], seconds=300)
    assert api.step(run_id, "train")["state"] == "stopped"
    assert api.ask("POST", f"/v1/runs/{run_id}/end", {"state": "failed"})[0] == 200


def test_commands_have_a_controller_do_it_and_tell_what_it_refused(
    home, serve, monkeypatch
):
    api = serve()
    named = ("--controller", api.url, "--json")
    words = ("run", "--model", MODEL, "--date", DATE)
    monkeypatch.setenv("SLIPWAY_TOKEN", api.token)

    done = home.invoke(*words, *named)
    seen = home.invoke("status", *named)
    unknown = home.invoke("run", "--model", "tumour", *named)
    monkeypatch.setenv("SLIPWAY_TOKEN", "slipway_wrong")
    refused = home.invoke(*words, *named)

    assert done.exit_code == 0, done.errors
    assert [step["name"] for step in done.data["steps"]][-1] == "register"
    [run] = [
        run
        for run in seen.data["models"][MODEL]["runs"]
        if run["run_id"] == done.data["run_id"]
    ]
    assert run["state"] == "succeeded"
    assert unknown.exit_code == 2
    assert "There is no model 'tumour'" in unknown.errors
    assert refused.exit_code == 1
    assert "not one of this controller's" in refused.errors
