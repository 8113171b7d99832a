"""A model's folder, run step by step on its own fixtures, as its image would run it."""

import importlib
import json
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
from flask.testing import FlaskClient

from slipway.container.__main__ import load
from slipway.container.contract import Job
from slipway.container.model_package import MODEL_VARIABLE, ModelPackage
from slipway.container.paths import Paths
from slipway.container.serve.run import load_app
from slipway.spec import ModelSpec


@dataclass(frozen=True)
class ModelFolder:
    """A model's folder with `fixtures/`; each step runs below a folder of the caller.

    The steps are those of the image: `extract`, `preprocess` and `train` write the tree
    that SageMaker would have laid out below `root`, and each one runs the steps before
    it that have not run there yet.
    """

    #: The folder that holds model.yaml.
    path: Path

    @property
    def fixtures(self) -> Path:
        """The folder of the model's fixtures."""
        return self.path / "fixtures"

    @property
    def spec(self) -> ModelSpec:
        """What model.yaml declares."""
        return self._package().spec()

    def extract(self, root: Path) -> Path:
        """Run extract.sql on fixtures/warehouse/*.csv; return the extract's folder."""
        paths = Paths.below(root)
        if not (paths.extract_output / "manifest.json").is_file():
            write_lake(self.fixtures / "warehouse", paths.warehouse)
            self._write_parameters(paths)
            self._run("extract", root)
        return paths.extract_output

    def preprocess(self, root: Path) -> Path:
        """Run preprocess.py on the extract; return the features' folder."""
        paths = Paths.below(root)
        if not (paths.features_output / "manifest.json").is_file():
            extract = self.extract(root)
            shutil.copytree(extract, paths.extract_input, dirs_exist_ok=True)
            self._run("preprocess", root)
        return paths.features_output

    def train(self, root: Path, hyperparameters: dict[str, str] | None = None) -> Path:
        """Train the model class on the features; return the artifact's folder."""
        paths = Paths.below(root)
        if not (paths.model / "manifest.json").is_file():
            features = self.preprocess(root)
            shutil.copytree(features, paths.channels, dirs_exist_ok=True)
            paths.hyperparameters.parent.mkdir(parents=True, exist_ok=True)
            paths.hyperparameters.write_text(json.dumps(hyperparameters or {}))
            self._run("train", root)
        return paths.model

    def prepare(self, root: Path) -> Path:
        """Make the extract's rows into requests; return their folder."""
        paths = Paths.below(root)
        if not (paths.requests_output / "manifest.json").is_file():
            extract = self.extract(root)
            shutil.copytree(extract, paths.extract_input, dirs_exist_ok=True)
            self._run("prepare", root)
        return paths.requests_output

    def publish(self, root: Path, answers: Mapping[str, bytes], **asked: str) -> Path:
        """Publish a transform job's `answers`, by object name; return their folder.

        `asked` is what parameters.json says: `run_id`, `version`, `artifact_digest`.
        """
        paths = Paths.below(root)
        shutil.copytree(self.prepare(root), paths.requests_input, dirs_exist_ok=True)
        paths.answers_input.mkdir(parents=True, exist_ok=True)
        for name, content in answers.items():
            (paths.answers_input / name).write_bytes(content)
        paths.parameters.write_text(json.dumps(asked))
        self._run("publish", root)
        return paths.predictions_output

    def client(self, artifact: Path) -> FlaskClient:
        """Return a client of the model's endpoint, serving `artifact` in this process."""
        paths = Paths.below(artifact.parent)
        if paths.model != artifact:
            message = (
                f"{artifact} is not named {paths.model.name!r}, as train() names it"
            )
            raise ValueError(message)
        return load_app(self._job(artifact.parent)).test_client()

    def request(self) -> Any:
        """Return the golden request, fixtures/request.json."""
        return json.loads((self.fixtures / "request.json").read_text("utf-8"))

    def extracted_csv(self, root: Path) -> str:
        """Return the extract of the fixtures as CSV by key: what the golden file holds."""
        folder = self.extract(root)
        parts = sorted(folder.glob("part-*.parquet"))
        table = pa.concat_tables([pq.read_table(part) for part in parts])
        ordered = table.sort_by(self.spec.key)
        sink = pa.BufferOutputStream()
        pyarrow.csv.write_csv(
            ordered, sink, pyarrow.csv.WriteOptions(quoting_style="needed")
        )
        text: bytes = sink.getvalue().to_pybytes()
        return text.decode()

    def metrics(self, artifact: Path) -> dict[str, float]:
        """Return the metrics that training measured on the test rows."""
        document = json.loads((artifact / "metrics.json").read_text("utf-8"))
        metrics: dict[str, float] = document["metrics"]
        return metrics

    def _run(self, command: str, root: Path) -> None:
        load(command)(self._job(root))

    def _job(self, root: Path) -> Job:
        package = self._package()
        make_importable(self.path)
        return Job(Paths.below(root), package, {MODEL_VARIABLE: package.name})

    def _package(self) -> ModelPackage:
        return ModelPackage(self.path.name, self.path)

    def _write_parameters(self, paths: Paths) -> None:
        asked = json.loads((self.fixtures / "parameters.json").read_text("utf-8"))
        document = {"warehouse": {"kind": "lake"}, **asked}
        paths.parameters.parent.mkdir(parents=True, exist_ok=True)
        paths.parameters.write_text(json.dumps(document))


def run_fixture(folder: Path, root: Path) -> FlaskClient:
    """Run extract, preprocess and train on a model's fixtures; return its client."""
    model = ModelFolder(folder)
    return model.client(model.train(root))


def write_lake(tables: Path, warehouse: Path) -> None:
    """Write each `<table>.csv` as the Parquet folder `<table>/` of a lake."""
    for source in sorted(tables.glob("*.csv")):
        target = warehouse / source.stem
        target.mkdir(parents=True, exist_ok=True)
        pq.write_table(pyarrow.csv.read_csv(source), target / "part-00000.parquet")


def make_importable(folder: Path) -> None:
    """Let the model in `folder` be imported, also after another one of the same name."""
    loaded = sys.modules.get(folder.name)
    if loaded is not None and str(folder) not in map(str, loaded.__path__):
        for name in [*sys.modules]:
            if name == folder.name or name.startswith(f"{folder.name}."):
                del sys.modules[name]
    parent = str(folder.parent)
    if parent in sys.path:
        sys.path.remove(parent)
    sys.path.insert(0, parent)
    importlib.invalidate_caches()
