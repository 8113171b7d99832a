"""The train command: a model trained, measured and saved as an artifact."""

import logging
import shutil
import tempfile
from pathlib import Path

import pandas as pd
import pyarrow as pa

from slipway.container.artifact import write_artifact_manifest
from slipway.container.contract import Job
from slipway.container.evaluation import Evaluation, save_and_evaluate
from slipway.container.files import write_json
from slipway.container.hyperparameters import read_hyperparameters
from slipway.container.manifest import FILE_NAME
from slipway.container.metric_log import log_line
from slipway.container.model_class import load_model_class
from slipway.container.parquet import write_table
from slipway.container.paths import Paths
from slipway.container.training_data import PROFILE, TrainingData, load_training_data
from slipway.errors import ModelContractError
from slipway.spec import ModelSpec

#: The metrics' file, in the artifact and beside it.
METRICS = "metrics.json"
#: The test rows' keys, targets and answers, beside the artifact.
TEST_PREDICTIONS = "test_predictions.parquet"

_log = logging.getLogger(__name__)


def run(job: Job) -> str:
    """Train, and return the metrics as a sentence; each is a line of the log too."""
    spec = job.model.spec()
    where = job.model.file("model.py")
    model = load_model_class(job.model)()
    hyperparameters = read_hyperparameters(
        job.paths.hyperparameters, spec.hyperparameters
    )
    data = load_training_data(model, job.paths.channels, spec, where)
    _log.info("training_started rows=%d", len(data.train))
    model.train(data.train, data.validation, hyperparameters)
    with tempfile.TemporaryDirectory(prefix="slipway-artifact-") as staging:
        folder = Path(staging)
        evaluation = save_and_evaluate(model, folder, data, spec, where)
        for name, value in evaluation.metrics.items():
            _log.info("%s", log_line(name, value))
        _complete(folder, job.paths, spec, data, evaluation)
        _publish(folder, job.paths.model)
    _write_output(job.paths.output_data, spec, data, evaluation)
    measured = evaluation.metrics.items()
    return ", ".join(f"{name} {value:.4g}" for name, value in measured)


def _complete(
    folder: Path,
    paths: Paths,
    spec: ModelSpec,
    data: TrainingData,
    evaluation: Evaluation,
) -> None:
    """Add the profile, the metrics and the manifest to what save() wrote."""
    for name in (METRICS, Path(PROFILE).name, FILE_NAME):
        if (folder / name).exists():
            message = f"save() must leave the name {name!r} to the platform"
            raise ModelContractError(message)
    shutil.copyfile(paths.channels / PROFILE, folder / Path(PROFILE).name)
    write_json(folder / METRICS, _metrics_document(data, evaluation))
    write_artifact_manifest(folder, spec.name, data.features)


def _publish(folder: Path, target: Path) -> None:
    """Copy a complete artifact to where SageMaker collects it, the manifest last.

    A job that is stopped meanwhile leaves an artifact without a manifest, which nothing
    takes for a whole one.
    """
    names = [path.relative_to(folder) for path in folder.rglob("*") if path.is_file()]
    for name in sorted(names, key=lambda name: (name == Path(FILE_NAME), name)):
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        partial = target / name.parent / f".{name.name}.partial"
        shutil.copyfile(folder / name, partial)
        partial.replace(target / name)


def _write_output(
    folder: Path, spec: ModelSpec, data: TrainingData, evaluation: Evaluation
) -> None:
    known = [name for name in (spec.key, spec.target) if name in data.test.columns]
    rows = data.test[known].reset_index(drop=True)
    frame = pd.concat([rows, evaluation.answers], axis=1)
    table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata()
    write_table(folder / TEST_PREDICTIONS, table)
    write_json(folder / METRICS, _metrics_document(data, evaluation))


def _metrics_document(data: TrainingData, evaluation: Evaluation) -> dict[str, object]:
    return {
        "format": 1,
        "split": "test",
        "rows": len(data.test),
        "metrics": evaluation.metrics,
    }
