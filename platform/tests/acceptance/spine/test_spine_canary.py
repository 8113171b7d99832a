import threading
from collections import Counter

import orjson
import pytest
from botocore.exceptions import BotoCoreError, ClientError

MODEL, DATE = "watched", "2026-01-31"
ENDPOINT = "local-watched"
#: Nothing answers as quickly as this: the alarm goes off as soon as there are data.
POLICY = """endpoint:
  deployment:
    strategy: canary
    canary_percent: 50
    bake_seconds: {bake}
    alarms:
      - {{ metric: latency_p95_ms, above: {above}, period_seconds: 10 }}
  instance_count: 1"""


class Asking(threading.Thread):
    """A client that asks until it is told to stop, and counts who answered."""

    def __init__(self, home):
        super().__init__(daemon=True)
        self.runtime = home.client("sagemaker-runtime")
        folder = home.root / "models" / MODEL
        self.body = (folder / "fixtures" / "request.json").read_bytes()
        self.answers = Counter()
        self.done = threading.Event()

    def run(self):
        while not self.done.wait(0.05):
            try:
                answer = self.runtime.invoke_endpoint(
                    EndpointName=ENDPOINT,
                    Body=self.body,
                    ContentType="application/json",
                )
                version = orjson.loads(answer["Body"].read())["model"]["version"]
            except (BotoCoreError, ClientError) as error:
                version = f"failed: {error!r}"
            self.answers[version] += 1

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.done.set()
        self.join()


@pytest.fixture
def watched(home, model):
    """Serve version 1 of a model of its own, and return what changes and deploys it."""
    folder = home.root / "models" / MODEL
    if not folder.exists():
        model(MODEL)
    text = (folder / "model.yaml").read_text()
    source = home.root / "models" / "tumor_malignancy" / "model.yaml"
    plain = source.read_text().replace("tumor_malignancy", MODEL)
    (folder / "model.yaml").write_text(plain)
    first = home.invoke("deploy", "--model", MODEL, "--date", DATE, "--all-at-once")
    if first.exit_code:
        first = home.invoke("promote", "--model", MODEL, "--version", "1")
    assert first.exit_code == 0, first.errors

    def deploy(penalty, *, bake, above):
        changed = plain.replace("inverse_penalty: 0.5", f"inverse_penalty: {penalty}")
        policy = POLICY.format(bake=bake, above=above)
        before, _, after = changed.partition("endpoint:\n  instance_count: 1")
        assert after
        (folder / "model.yaml").write_text(before + policy + after)
        return home.invoke("deploy", "--model", MODEL, "--date", DATE)

    yield deploy
    (folder / "model.yaml").write_text(text)


def served(home):
    answer = home.invoke("predict", "--model", MODEL, "--json")
    assert answer.exit_code == 0, answer.errors
    return int(answer.data["model"]["version"])


def test_a_canary_whose_alarm_goes_off_is_taken_back_and_no_request_fails(
    home, watched
):
    before = served(home)
    with Asking(home) as asking:
        outcome = watched(0.4, bake=300, above=0.0001)

    assert outcome.exit_code == 1
    assert "ALARM" in outcome.errors
    assert served(home) == before
    failed = {who: n for who, n in asking.answers.items() if "failed" in who}
    assert not failed
    assert asking.answers[str(before)]

    again = watched(0.4, bake=300, above=0.0001)
    assert again.exit_code == 2
    assert "The same config is not sent again" in again.errors


def test_a_canary_that_nobody_asks_holds_until_a_person_decides(home, watched):
    before = served(home)
    outcome = watched(0.3, bake=20, above=60000)

    assert outcome.exit_code == 1
    assert "holds" in outcome.errors
    assert served(home) == before
    shown = home.invoke("status", "--model", MODEL).output
    assert "is holding" in shown

    promoted = home.invoke("promote", "--model", MODEL, "--reason", "a quiet night")
    assert promoted.exit_code == 0, promoted.errors
    after = served(home)
    assert after > before

    back = home.invoke("rollback", "--model", MODEL, "--reason", "not today")
    assert back.exit_code == 0, back.errors
    assert served(home) == before
