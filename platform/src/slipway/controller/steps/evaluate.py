"""The gates on a trained version's metrics: reached, or the version is rejected."""

from slipway.controller.steps.definition import Definition, Outputs, Task
from slipway.errors import GateError
from slipway.spec import Gate

NAME = "evaluate"


def _reads(task: Task) -> object:
    return {
        "metrics": task.done["train"]["metrics"],
        "gates": task.context.spec.model_dump(mode="json", include={"gates"}),
    }


def _perform(task: Task) -> Outputs:
    metrics, gates = task.done["train"]["metrics"], task.context.spec.gates
    missed = {
        name: fault
        for name, gate in gates.items()
        if (fault := _fault(name, metrics.get(name), gate))
    }
    if missed:
        message = (
            f"{task.context.spec.name} is rejected: {'; '.join(missed.values())}."
            " What serves now goes on serving. Change the model or the data, or the"
            " gates in model.yaml, and run again"
        )
        raise GateError(message, missed)
    return {"reached": {name: metrics[name] for name in gates}}


def _fault(name: str, value: float | None, gate: Gate) -> str | None:
    """Return why `value` does not pass `gate`; a missing or NaN value never does."""
    if value is None:
        return f"{name} was not measured"
    if gate.min is not None and not value >= gate.min:
        return f"{name} is {value:.4f}, and the gate asks for at least {gate.min:g}"
    if gate.max is not None and not value <= gate.max:
        return f"{name} is {value:.4f}, and the gate asks for at most {gate.max:g}"
    return None


def _stands(_task: Task, _outputs: Outputs) -> bool:
    return True


def _note(outputs: Outputs) -> str:
    reached = outputs["reached"].items()
    return ", ".join(f"{name} {value:.4f}" for name, value in reached) or "no gates"


EVALUATE = Definition(NAME, _reads, _perform, _stands, _note)
