"""The same DAGs three times: rendered, written by hand, and as dag-factory's YAML."""

import importlib.util
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

AIRFLOW = Path(__file__).parents[1]
EXAMPLE = "tumor_malignancy"
_EMPTY = "airflow.providers.standard.operators.empty"
_LOADER = '''\
"""Airflow DAGs of dag-factory."""
from pathlib import Path
from dagfactory import load_yaml_dags
load_yaml_dags(globals_dict=globals(), dags_folder=str(Path(__file__).parent))
'''


def rendered(name: str) -> str:
    """Return the example's training as it is rendered, for the model `name`.

    Without its deadline: dag-factory has none.
    """
    text = (AIRFLOW / "dags" / f"{EXAMPLE}_training.py").read_text()
    text = re.sub(r"^.*deadline.*\n", "", text, flags=re.MULTILINE)
    return text.replace(EXAMPLE, name)


def by_hand(name: str) -> str:
    """Return the same DAG as people write it: operators that do nothing, params first."""
    text = rendered(name)
    own = re.findall(r"^from slipway_airflow.*\n", text, re.MULTILINE)
    for line in own:
        text = text.replace(line, "")
    text, _, _ = text.partition("\n# Set last")
    text = re.sub(r', spec_digest="[^"]*"', "", text)
    text = re.sub(r"= (OpenRun|Step)\(", "= EmptyOperator(", text)
    params = [f"        {key!r}: {_param(p)},\n" for key, p in _params().items()]
    text = text.replace(
        ") as dag:", f"    params={{\n{''.join(params)}    }},\n) as dag:"
    )
    imports = f"from {_EMPTY} import EmptyOperator\nfrom airflow.sdk import Param, "
    return text.replace("from airflow.sdk import ", imports)


def as_yaml(name: str) -> str:
    """Return the same DAG in dag-factory's words."""
    dag = _example()
    tasks = {task.task_id: _yaml_task(task) for task in dag.tasks}
    said = {
        "description": dag.description,
        "doc_md": dag.doc_md,
        "schedule": dag.schedule,
        "catchup": dag.catchup,
        "max_active_runs": dag.max_active_runs,
        "tags": sorted(dag.tags),
        "start_date": dag.start_date.isoformat(),
        "default_args": {k: _yaml_value(v) for k, v in dag.default_args.items()},
        "params": {key: _yaml_param(param) for key, param in _params().items()},
        "task_groups": {group: {"tooltip": ""} for group in dag.task_group_dict},
        "tasks": tasks,
    }
    text = yaml.safe_dump({dag.dag_id: said}, sort_keys=False)
    return text.replace(EXAMPLE, name)


def write(folder: Path, kind: str, count: int) -> None:
    """Write `count` models' DAGs of one kind into `folder`."""
    folder.mkdir(parents=True)
    ending = "yaml" if kind == "dag-factory" else "py"
    for number in range(count):
        name = f"model_{number:04}"
        (folder / f"{name}_training.{ending}").write_text(KINDS[kind](name))
    if kind == "dag-factory":
        (folder / "load_dags.py").write_text(_LOADER)


def _example() -> Any:
    """Return the rendered DAG of the example, loaded."""
    path = AIRFLOW / "dags" / f"{EXAMPLE}_training.py"
    spec = importlib.util.spec_from_file_location("rendered_example", path)
    if spec is None or spec.loader is None:
        sys.exit(f"{path} cannot be loaded")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.dag


def _params() -> dict[str, Any]:
    params = _example().params
    return {name: params.get_param(name) for name in params}


def _param(param: Any) -> str:
    rules = ", ".join(f"{key}={value!r}" for key, value in param.schema.items())
    return f"Param({param.value!r}, description={param.description!r}, {rules})"


def _yaml_param(param: Any) -> dict[str, Any]:
    known = {"default": param.value, "description": param.description}
    return {"__type__": "airflow.sdk.Param", **known, **param.schema}


def _yaml_task(task: Any) -> dict[str, Any]:
    group = task.task_group.group_id
    said = {
        "operator": f"{_EMPTY}.EmptyOperator",
        "doc_md": task.doc_md,
        "dependencies": sorted(task.upstream_task_ids),
        "outlets": [
            {"__type__": "airflow.sdk.Asset", "name": asset.uri, "uri": asset.uri}
            for asset in task.outlets
        ],
    }
    return said | ({"task_group_name": group} if group else {})


def _yaml_value(value: Any) -> Any:
    if hasattr(value, "total_seconds"):
        return {"__type__": "datetime.timedelta", "seconds": int(value.total_seconds())}
    return value


KINDS: dict[str, Callable[[str], str]] = {
    "rendered": rendered,
    "by hand": by_hand,
    "dag-factory": as_yaml,
}
