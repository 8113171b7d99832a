import pytest

MODEL, DATE = "tumor_reviewed", "2026-01-31"
ENDPOINT = "local-tumor-reviewed"


@pytest.fixture
def reviewed(home, model):
    """Ask for something of a model whose versions wait for a person."""
    if not (home.root / "models" / MODEL).exists():
        model(MODEL, model_yaml=("\ngates:", "\napproval: person\ngates:"))

    def ask(command, *words):
        dated = command in {"run", "deploy", "score"}
        date = ("--date", DATE) if dated else ()
        return home.invoke(command, "--model", MODEL, *date, *words, "--json")

    return ask


def states(reviewed):
    return [each["state"] for each in reviewed("versions").data["versions"]]


def test_a_version_serves_once_a_person_has_said_so(home, reviewed):
    early = reviewed("deploy")
    waiting = states(reviewed)
    silent = reviewed("approve", "--version", "1", "--reason", " ")
    approved = reviewed("approve", "--version", "1", "--reason", "looked at")
    late = reviewed("deploy")

    assert early.exit_code == 1
    assert early.data["error"]["code"] == "held"
    assert "invoke approve --model tumor_reviewed --version 1" in early.errors
    assert waiting == ["registered"]
    assert (silent.exit_code, approved.data["state"]) == (2, "approved")
    assert late.exit_code == 0, late.errors
    outcomes = {step["name"]: step["outcome"] for step in late.data["steps"]}
    assert outcomes.pop("deploy") == "succeeded"
    assert set(outcomes.values()) == {"cached"}


def test_a_refused_version_may_neither_serve_nor_score(home, reviewed):
    assert reviewed("run", "--set", "train.inverse_penalty=0.7").exit_code == 0
    number = str(len(states(reviewed)))
    rejected = reviewed("reject", "--version", number, "--reason", "wrong for children")
    refusals = [
        reviewed("promote", "--version", number),
        reviewed("score", "--version", number),
        reviewed("approve", "--version", number, "--reason", "after all"),
    ]

    assert rejected.data["state"] == "rejected"
    assert [refused.exit_code for refused in refusals] == [2, 2, 2]
    assert all("may not serve" in refused.errors for refused in refusals[:2])
    assert "(wrong for children)" in refusals[0].errors
