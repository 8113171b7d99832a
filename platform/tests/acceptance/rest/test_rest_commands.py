"""Commands whose work a served controller does: they answer what they answer here."""

import json

import pytest

MODEL, DATE = "tumor_malignancy", "2026-01-31"
NAMED = ("--model", MODEL)
TAGS = ("--tag", "usual", "--tag", "fewer")
#: Commands that change nothing.
LOOKS = (
    ("versions", *NAMED),
    ("versions", *NAMED, "--version", "1"),
    ("experiments", *NAMED),
    ("compare", *NAMED, *TAGS),
    ("explain", *NAMED, "--step", "train"),
    ("plan", *NAMED, "--date", DATE),
    ("operations", "--limit", "201"),
    ("config.list", MODEL, "--history"),
    ("gc", "--keep", "1"),
    ("token.list",),
)

pytestmark = pytest.mark.xdist_group("rest")


@pytest.fixture(scope="module")
def tried(home):
    """Version 1 serves, version 2 is approved, and both have a tag."""
    words = ("--date", DATE, "--json")
    first = home.invoke("deploy", *NAMED, *words, "--all-at-once")
    assert first.exit_code == 0, first.errors
    fewer = ("--set", "train.max_iterations=2", "--tag", "fewer")
    for given in (("--tag", "usual"), fewer):
        ended = home.invoke("run", *NAMED, *words, *given)
        assert ended.exit_code == 0, ended.errors
    return home


@pytest.fixture
def asked(tried, served, monkeypatch):
    """Have the controller do a command, with a token of a role."""
    secrets = {"admin": served.token}

    def ask(*words, role="admin", env="local"):
        if role not in secrets:
            token = {"name": f"{role}-{served.process.pid}-asked", "role": role}
            secrets[role] = served.ask("POST", "/v1/tokens", token)[1]["secret"]
        monkeypatch.setenv("SLIPWAY_TOKEN", secrets[role])
        place = ("--controller", served.url, "--env", env)
        return tried.invoke(*words, *place, "--json")

    return ask


def serving(tried):
    return tried.invoke("predict", *NAMED, "--json").data["model"]["version"]


@pytest.mark.parametrize("words", LOOKS, ids=" ".join)
def test_a_controller_is_told_by_its_commands_what_this_process_tells(
    tried, asked, words
):
    here, there = tried.invoke(*words, "--json"), asked(*words)

    assert here.exit_code == there.exit_code, there.errors
    assert there.data == here.data


def test_a_version_is_promoted_and_taken_back_by_a_controller(tried, asked):
    promoted = asked("promote", *NAMED, "--version", "2", "--reason", "a try")
    then = serving(tried)
    stale = asked("rollback", *NAMED, "--expect-version", "1")
    back = asked("rollback", *NAMED, "--reason", "no")

    assert (promoted.exit_code, promoted.data["version"]) == (0, 2), promoted.errors
    assert then == "2"
    assert stale.exit_code != 0
    assert "version 2 serves" in stale.errors
    assert (back.exit_code, back.data["version"]) == (0, 1), back.errors
    assert serving(tried) == "1"


def test_what_a_controller_is_told_to_keep_is_kept_in_the_tokens_name(tried, asked):
    why = ("--reason", "a try", "--expires", "1d")
    was_set = asked("config.set", MODEL, "train.max_iterations=900", *why)
    listed = tried.invoke("config.list", MODEL, "--json").data["overrides"]
    back = asked("config.unset", MODEL, "train.max_iterations")
    run = tried.invoke("run", *NAMED, "--set", "train.max_iterations=3", "--json")
    number = str(
        next(s for s in run.data["steps"] if s["name"] == "register")["outputs"][
            "version"
        ]
    )
    version = (*NAMED, "--version", number, "--reason", "a try")
    ended = [asked(word, *version) for word in ("reject", "retire")]
    passed = asked("reconcile")

    assert was_set.exit_code == back.exit_code == 0, was_set.errors + back.errors
    assert [(o["key"], o["value"]) for o in listed] == [("train.max_iterations", 900)]
    assert listed[0]["actor"].startswith("t0-")
    assert [one.exit_code for one in ended] == [0, 0], ended
    assert passed.exit_code == 0, passed.errors


def test_a_refusal_of_a_controller_is_one_line(asked):
    weak = asked("promote", *NAMED, "--version", "2", role="viewer")
    other = asked("versions", *NAMED, env="staging")
    unknown = asked("versions", "--model", "tumor_malignacy")
    alone = asked("predict", *NAMED)

    assert [one.exit_code for one in (weak, other, unknown, alone)] == [1, 2, 2, 2]
    said = [one.errors.splitlines() for one in (weak, other, unknown, alone)]
    assert [len(lines) for lines in said] == [1, 1, 1, 1]
    assert "is a viewer's, and this takes an operator" in weak.errors
    assert "serves the environment 'local', not 'staging'" in other.errors
    assert "Did you mean 'tumor_malignancy'?" in unknown.errors
    assert "no controller does what invoke predict does" in alone.errors
    assert json.loads(alone.output)["error"]["code"] == "invalid_request"
