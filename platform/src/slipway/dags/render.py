"""A DAG's file: a plan written as Airflow's own Python."""

import json
import math
from collections.abc import Iterator
from itertools import groupby

from slipway.dags.plan import DagPlan, TaskPlan

#: Where each operator is.
_MODULES = {
    "Approval": "slipway_airflow.approvals",
    "EmptyOperator": "airflow.providers.standard.operators.empty",
    "OpenRun": "slipway_airflow.operators",
    "Step": "slipway_airflow.operators",
}
_OWN = "slipway_airflow"
_INDENT = "    "


def file_name(plan: DagPlan) -> str:
    """Return the name of the DAG's file: no package is called so."""
    return f"{plan.model}_{plan.pipeline}.py"


def render(plan: DagPlan) -> str:
    """Return the text of the DAG's file; an equal plan makes an equal text."""
    source = f"models/{plan.model}/model.yaml"
    lines = [
        f'"""The {plan.pipeline} of {plan.model}, rendered from {source}.',
        "",
        "Change that file, then: invoke dag.render",
        '"""',
        "",
        *_imports(plan),
        "",
        "with DAG(",
        *_arguments(plan),
        ") as dag:",
        *_tasks(plan),
        *_params(plan),
    ]
    return "\n".join(lines) + "\n"


def _imports(plan: DagPlan) -> Iterator[str]:
    yield "from datetime import UTC, datetime, timedelta"
    yield ""
    own: dict[str, list[str]] = {}
    for name in sorted({task.operator for task in plan.tasks}):
        if _MODULES[name].startswith(_OWN):
            own.setdefault(_MODULES[name], []).append(name)
        else:
            yield f"from {_MODULES[name]} import {name}"
    sdk = ["DAG"]
    if plan.follows or any(task.outlet for task in plan.tasks):
        sdk.insert(0, "Asset")
    if any(task.group for task in plan.tasks):
        sdk.append("TaskGroup")
    yield f"from airflow.sdk import {', '.join(sdk)}"
    if plan.deadline_minutes:
        own[f"{_OWN}.deadlines"] = ["deadline"]
    if plan.params:
        own[f"{_OWN}.params"] = [plan.params]
    if own:
        yield ""
    for module, names in sorted(own.items()):
        yield f"from {module} import {', '.join(names)}"


def _arguments(plan: DagPlan) -> Iterator[str]:
    day = plan.start_date
    yield f"{_INDENT}dag_id={_text(plan.dag_id)},"
    yield f"{_INDENT}description={_text(plan.description)},"
    yield f"{_INDENT}doc_md={_text(_doc(plan))},"
    yield f"{_INDENT}schedule={_schedule(plan)},"
    yield f"{_INDENT}start_date=datetime({day.year}, {day.month}, {day.day}, tzinfo=UTC),"
    yield f"{_INDENT}catchup={plan.catchup},"
    yield f"{_INDENT}max_active_runs={plan.max_active_runs},"
    yield f"{_INDENT}tags=[{', '.join(map(_text, plan.tags))}],"
    yield f"{_INDENT}default_args={{"
    for name, value in (
        ("owner", _text(plan.owner)),
        ("pool", _text(plan.pool)),
        ("retries", str(plan.retries)),
        ("retry_delay", "timedelta(seconds=30)"),
        ("retry_exponential_backoff", "True"),
        ("max_retry_delay", "timedelta(minutes=10)"),
        ("execution_timeout", f"timedelta(minutes={plan.timeout_minutes})"),
    ):
        yield f"{_INDENT * 2}{_text(name)}: {value},"
    yield f"{_INDENT}}},"
    if plan.deadline_minutes:
        yield f"{_INDENT}**deadline(minutes={plan.deadline_minutes}),"


def _schedule(plan: DagPlan) -> str:
    if plan.follows:
        return f"[Asset({_text(plan.follows)})]"
    return _text(plan.schedule) if plan.schedule else "None"


def _doc(plan: DagPlan) -> str:
    return (
        f"{plan.doc}\n\n{plan.description.rstrip('.')}.\n\nWho is asked: {plan.owner}. What it does"
        f" is in `models/{plan.model}/`."
    )


def _tasks(plan: DagPlan) -> Iterator[str]:
    for group, tasks in groupby(plan.tasks, key=lambda task: task.group):
        indent = _INDENT
        if group:
            yield f"{_INDENT}with TaskGroup({_text(group)}, prefix_group_id=False):"
            indent = _INDENT * 2
        for task in tasks:
            yield f"{indent}{task.task_id} = {_call(plan, task)}"
    if len(plan.tasks) > 1:
        order = f"\n{_INDENT * 2}>> ".join(task.task_id for task in plan.tasks)
        yield f"{_INDENT}({order})"


def _call(plan: DagPlan, task: TaskPlan) -> str:
    arguments = [f"task_id={_text(task.task_id)}", f"doc_md={_text(task.doc)}"]
    if task.operator == "OpenRun":
        arguments.append(f"spec_digest={_text(plan.spec_digest)}")
    if task.timeout_minutes:
        limit = f"timedelta(minutes={task.timeout_minutes})"
        arguments.append(f"execution_timeout={limit}")
    if task.outlet:
        arguments.append(f"outlets=[Asset({_text(task.outlet)})]")
    return f"{task.operator}({', '.join(arguments)})"


def _params(plan: DagPlan) -> Iterator[str]:
    if plan.params:
        yield ""
        yield "# Set last: Airflow copies a DAG's params into each task made after them."
        own = ", ".join(
            f"{_text(name)}: {_value(value)}"
            for name, value in plan.hyperparameters.items()
        )
        given = f"{{{own}}}" if plan.pipeline == "training" else ""
        yield f"dag.params = {plan.params}({given})"


def _value(value: object) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        return f"float({str(value)!r})"
    return repr(value)


def _text(value: str) -> str:
    """Return a Python literal; JSON's escapes are Python's too."""
    return json.dumps(value, ensure_ascii=False)
