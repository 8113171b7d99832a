"""Lists: every one that grows has pages, and commands that ask for it read them all."""

import datetime as dt

import pytest
from sqlalchemy import insert

from slipway.application.actions import ACTIONS
from slipway.application.remote import Remote
from slipway.controller.garbage.collect import Wish
from slipway.controller.orm import ApiToken, ConfigOverride
from slipway.controller.states import CHARTS
from slipway.tasks.collecting import collect
from slipway.tasks.controlling import show_tokens
from slipway.tasks.overriding import list_values
from slipway.testing.example_run import opened_example
from slipway.testing.fake_stores import Shelf
from slipway.testing.rows import operation_row, run_row, version_row

MODEL = "tumor_malignancy"
OVERRIDES = f"/v1/models/{MODEL}/overrides"
#: A list of one payload for each step: no longer than the pipeline.
SHORT = {"model.explain"}
LISTS = [
    action
    for action in ACTIONS
    if action.method == "GET" and "next_cursor" in action.answers.model_fields
]
FILTERED = [action for action in LISTS if "state" in action.asks.model_fields]


def pages(api, path, limit):
    """Yield each page of a list."""
    cursor, mark = "", "&" if "?" in path else "?"
    while cursor is not None:
        said = api.ask("GET", f"{path}{mark}limit={limit}{cursor}").get_json()
        yield said["items"]
        cursor = said["next_cursor"] and f"&cursor={said['next_cursor']}"


@pytest.mark.parametrize("action", LISTS, ids=lambda action: action.name)
def test_every_list_that_grows_has_pages(action):
    if action.name not in SHORT:
        assert {"limit", "cursor"} <= action.asks.model_fields.keys()


@pytest.mark.parametrize("action", FILTERED, ids=lambda action: action.name)
def test_a_state_that_no_chart_has_is_refused_and_the_others_are_named(api, action):
    answer = api.ask("GET", f"/v1{action.path}?state=nonsense")

    assert answer.status_code == 400
    assert answer.content_type == "application/problem+json"
    kind = {"version": "model_version"}.get(*2 * (action.name.partition(".")[0],))
    for state in CHARTS[kind].names:
        assert state in answer.get_json()["detail"].partition("Known: ")[2]
        asked = api.ask("GET", f"/v1{action.path}?state={state}")
        assert asked.status_code == 200, asked.text


@pytest.mark.parametrize("action", FILTERED, ids=lambda action: action.name)
def test_a_model_that_is_not_there_is_refused_and_those_that_are_are_named(api, action):
    answer = api.ask("GET", f"/v1{action.path}?model=tumour")

    assert (answer.status_code, answer.get_json()["code"]) == (404, "unknown_model")
    assert MODEL in answer.get_json()["detail"]
    assert api.ask("GET", f"/v1{action.path}?model=churn").status_code == 200


@pytest.mark.parametrize("action", LISTS, ids=lambda action: action.name)
def test_a_parameter_that_a_list_does_not_know_is_refused(api, action):
    path = action.path.replace("{model}", MODEL)

    answer = api.ask("GET", f"/v1{path}?colour=red")

    assert (answer.status_code, answer.get_json()["code"]) == (400, "invalid_request")
    assert "'colour' in the query is not known" in answer.get_json()["detail"]
    known = action.asks.model_fields.keys() - set(action.in_path)
    for name in known:
        assert name in answer.get_json()["detail"]


def test_operations_of_a_run_that_is_not_there_are_refused(api):
    api.workspace.store.add(operation_row("k"))

    answer = api.ask("GET", "/v1/operations?run_id=r9")

    assert (answer.status_code, answer.get_json()["code"]) == (404, "not_found")
    assert len(api.ask("GET", "/v1/operations?run_id=r1").get_json()["items"]) == 1


def test_a_command_tells_every_token_of_a_controller(api, url):
    now = api.workspace.store.now()
    row = {"role": "viewer", "created_by": "me", "created_at": now}
    with api.workspace.store.database.transaction() as connection:
        many = [{**row, "name": f"t{n}", "sha256": f"s{n}"} for n in range(450)]
        connection.execute(insert(ApiToken), many)
    remote = Remote.of(url, {"SLIPWAY_TOKEN": api.secrets["admin"]})

    told = show_tokens(remote).data["tokens"]

    names = [token["name"] for token in told]
    assert names == ["viewer", "operator", "admin", *(f"t{n}" for n in range(450))]


def test_the_history_of_overrides_is_read_a_page_at_a_time(api, url):
    now = api.workspace.store.now()
    rows = [
        {
            "model": MODEL,
            "environment": "local",
            "key": "instances.train",
            "value": f'"ml.m5.{n}xlarge"',
            "actor": "me",
            "purpose": "a try",
            "expires_at": (now + dt.timedelta(days=1)).timestamp(),
            "state": "active" if n == 300 else "replaced",
            "revision": 1,
            "reason": "",
            "created_at": now,
            "changed_at": now,
        }
        for n in range(301)
    ]
    with api.workspace.store.database.transaction() as connection:
        connection.execute(insert(ConfigOverride), rows)
    remote = Remote.of(url, {"SLIPWAY_TOKEN": api.secrets["viewer"]})

    told = list_values(remote, MODEL, history=True).data["overrides"]
    now_set = list_values(remote, MODEL, history=False).data["overrides"]

    assert [one["id"] for one in told] == [*range(1, 302)]
    assert [one["id"] for one in now_set] == [301]
    assert {len(page) for page in pages(api, f"{OVERRIDES}?history=all", 43)} == {43}


def test_models_are_listed_by_name_and_their_versions_counted(api, tmp_path):
    folder = tmp_path / "models"
    for name in ("b", "a", "c"):
        (folder / name).mkdir(parents=True)
        (folder / name / "model.yaml").write_text("mode: [")
    object.__setattr__(api.workspace.settings, "root", tmp_path)
    store = api.workspace.store
    for digest in ("d1", "d2"):
        row = version_row(digest)
        row.model = "a"
        version = store.advance(store.register(row), "approve", artifact_uri="s3://b/a")
    store.advance(version, "promote", "a try")

    seen = [
        [(model["model"], model["versions"], model["champion"]) for model in page]
        for page in pages(api, "/v1/models", 2)
    ]

    assert seen == [[("a", 2, 2), ("b", 0, None)], [("c", 0, None)]]


class Logs:
    """A job's log that counts the lines that were asked for."""

    def __init__(self, lines):
        self.lines, self.asked = lines, 0

    def log_events(self, _group, _name, since):
        for at, text in self.lines:
            if at >= since:
                self.asked += 1
                yield at, text


def test_the_log_of_a_step_is_read_in_parts_and_no_more_than_was_asked_for(api):
    opened_example(api.workspace.context(MODEL), "r2", "dag/1")
    store, place = api.workspace.store, "/v1/runs/r2/steps/extract/logs"
    api.ask("POST", "/v1/runs/r2/steps/extract", {"attempt": 1})
    row = operation_row("local/tumor/r2/extract/1", "r2")
    row.resource, row.call = "training_job", "CreateTrainingJob"
    store.add(row)
    lines = [(number // 4, f"line {number}") for number in range(50)]
    api.workspace.__dict__["gateway"] = logs = Logs(lines)

    first = api.ask("GET", f"{place}?limit=7").get_json()
    asked = logs.asked
    seen, token = first["events"], first["next_token"]
    while True:
        page = api.ask("GET", f"{place}?limit=7&token={token}").get_json()
        if not page["events"]:
            break
        seen, token = seen + page["events"], page["next_token"]

    assert asked == 7
    assert [(event["timestamp"], event["message"]) for event in seen] == lines
    assert page["next_token"] == token


@pytest.fixture
def leftovers(api, monkeypatch):
    """Files of retired runs of two models; a daemon of this machine is not asked."""
    monkeypatch.setattr("slipway.images.docker_image.daemon_answers", lambda: False)
    api.workspace.__dict__["objects"] = shelf = Shelf()
    for model in ("churn", "other"):
        for number in range(5):
            row = run_row(f"{model}-{number}")
            row.model = model
            run = api.workspace.store.add(row)
            api.workspace.store.advance(run, "fail")
            held = f"s3://slipway-local/local/{model}/runs/{row.run_id}/extract/part"
            shelf.held[held] = b"rows"
            path = f"/v1/runs/{row.run_id}/retire"
            answer = api.ask("POST", path, {"reason": "a mistake"})
            assert answer.status_code == 200, answer.text
    return shelf


@pytest.mark.parametrize("apply", [False, True])
def test_a_collection_is_read_in_parts_and_deletes_each_thing_once(
    api, leftovers, apply
):
    asked, parts = {"apply": apply, "limit": 3}, []
    cursor = None
    while cursor is not None or not parts:
        answer = api.ask("POST", "/v1/gc", {**asked, "cursor": cursor})
        parts.append(answer.get_json()["items"])
        cursor = answer.get_json()["next_cursor"]

    names = [item["name"] for part in parts for item in part]
    assert sorted(names) == [f"{m}-{n}" for m in ("churn", "other") for n in range(5)]
    assert [len(part) for part in parts] == [3, 3, 3, 1]
    assert {item["deleted"] for part in parts for item in part} == {apply}
    left = [key for key in leftovers.held if "/runs/" in key]
    assert len(left) == (0 if apply else 10)


def test_a_command_tells_every_part_of_a_collection(api, url, leftovers, monkeypatch):
    monkeypatch.setenv("SLIPWAY_TOKEN", api.secrets["admin"])
    real = Remote.ask

    def ask(self, name, /, **said):
        return real(self, name, limit=4, **said)

    monkeypatch.setattr(Remote, "ask", ask)

    told = collect("local", "", Wish(), url).data

    assert (len(told["items"]), told["bytes"]) == (10, 40)
    assert "next_cursor" not in told
