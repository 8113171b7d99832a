"""The main job on real data, from nothing to an answer."""

import orjson
from rich.console import Group, RenderableType
from rich.text import Text

from slipway.application import local_stack
from slipway.application.workspace import Workspace
from slipway.controller.serving import predict
from slipway.controller.steps.pipeline import TO_DEPLOY
from slipway.tasks.command import PROGRESS, Answer
from slipway.tasks.moving import Launched, Wish, launch
from slipway.tasks.seeding import seed_lake
from slipway.tasks.terminal import Terminal, step_table

MODEL = "tumor_malignancy"
#: The demo's data ends before it; a fixed date makes every repetition cached.
DATE = "2026-01-31"
#: Features of each input that the printed answer shows.
_SHOWN_INPUTS = 3

_NEXT = f"""\
What to try next (the stack stays up until `make down`):
  source .venv/bin/activate
  invoke predict --model {MODEL}            ask again
  invoke status                                      what serves, and the last runs
  invoke logs --model {MODEL} --step train  what the training wrote
  invoke new my_model                                a model of your own, ready to deploy
  docs/howto/use-the-local-stack-from-boto3.md       any boto3 program, on {{url}}"""


def demonstrate() -> Answer:
    """Deploy the example model and ask it; say so when all of it was done before."""
    workspace = Workspace.open("local")
    with Terminal(PROGRESS) as terminal:
        terminal.say("starting the local stack …")
        found, started = local_stack.up(workspace.settings)
    state = "started" if started else "up already"
    PROGRESS.print(f"Local stack {state}; jobs run by {found.executor}.")
    tables = seed_lake(workspace)
    rows = ", ".join(f"{table.name} {table.rows} rows" for table in tables)
    PROGRESS.print(f"Warehouse: {rows}. Model: models/{MODEL}, as of {DATE}.")
    launched = launch(workspace, Wish(MODEL, DATE), TO_DEPLOY)
    body = predict(launched.context, _one_instance(launched)).body
    data = {**launched.as_dict(), "answer": body}
    return Answer(data, (_answer(body), *_summary(workspace, launched)))


def _one_instance(launched: Launched) -> bytes:
    """Return the first instance of the model's example request."""
    path = launched.context.folder / "fixtures" / "request.json"
    instances = orjson.loads(path.read_bytes())["instances"]
    return orjson.dumps({"instances": instances[:1]})


def _answer(body: dict[str, object]) -> Group:
    shown = orjson.loads(orjson.dumps(body))
    for row in shown.get("inputs", []):
        for name in list(row)[_SHOWN_INPUTS:]:
            del row[name]
    text = orjson.dumps(shown, option=orjson.OPT_INDENT_2).decode()
    cut = f"(the first {_SHOWN_INPUTS} inputs of each row)"
    model = shown["model"]
    facts = (
        f"Model version {model['version']}, artifact {model['artifact_digest']}\n"
        f"Transaction id {shown['transaction_id']}"
    )
    return Group(f"\nThe endpoint's answer {cut}:", Text(text), Text(facts))


def _summary(workspace: Workspace, launched: Launched) -> tuple[RenderableType, ...]:
    steps = launched.report.steps
    url = workspace.settings.endpoint_url
    nothing = all(step.outcome == "cached" for step in steps)
    head = (
        "Nothing had changed: every step cached, the endpoint live.\n"
        if nothing
        else ""
    )
    return (f"\n{head}", step_table(steps), "", _NEXT.format(url=url))
