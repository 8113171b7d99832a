"""A built image put through every command, on its model's fixtures and nothing else."""

import json
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from slipway.container.paths import Paths
from slipway.errors import DataQualityError, StepFailedError, UnavailableError
from slipway.images.build import BuiltImage
from slipway.images.docker_image import connected
from slipway.images.docker_sandbox import DockerSandbox
from slipway.images.fixtures import Fixtures, read_fixtures
from slipway.images.process_sandbox import ProcessSandbox
from slipway.images.sandbox import Answer, Ask, Question, Sandbox
from slipway.images.tool import Progress, silent
from slipway.quality.report import FILE_NAME, Report, sentences
from slipway.spec import load_spec

#: Seconds until a serving image must have answered its first ping.
START_TIMEOUT = 120
#: Seconds between two pings.
PING_INTERVAL = 0.1
#: The channels of a training job: folders of what preprocess wrote.
CHANNELS = ("train", "validation", "test", "profile")


@dataclass(frozen=True)
class StepTime:
    """A step that the image passed."""

    #: extract, preprocess, train or serve.
    step: str
    #: How long it took, the start of its container or process included.
    seconds: float


def fixture_test(
    folder: Path,
    image: BuiltImage,
    *,
    images_root: Path,
    progress: Progress = silent,
) -> list[StepTime]:
    """Run extract, preprocess, train and serve of `image` on the fixtures in `folder`.

    The image gets no network (as a container) and no credentials. Raises the error of
    the first step that fails: StepFailedError, or DataQualityError when the fixtures do
    not meet the expectations of model.yaml.
    """
    fixtures = read_fixtures(folder)
    with (
        open_sandbox(image, images_root) as sandbox,
        tempfile.TemporaryDirectory(prefix="slipway-fixtures-") as temporary,
    ):
        work = _Work(folder, fixtures, sandbox, Path(temporary))
        steps: dict[str, Callable[[], None]] = {
            "extract": work.extract,
            "preprocess": work.preprocess,
            "train": work.train,
            "serve": work.serve,
        }
        times = []
        for name, step in steps.items():
            started = time.monotonic()
            step()
            times.append(StepTime(name, time.monotonic() - started))
            progress(f"{name} passed in {times[-1].seconds:.1f} s")
    return times


@contextmanager
def open_sandbox(image: BuiltImage, images_root: Path) -> Iterator[Sandbox]:
    """Yield where `image` runs."""
    if image.kind == "process":
        yield ProcessSandbox.of(image, images_root)
        return
    with connected() as client:
        yield DockerSandbox(client, image.uri)


@dataclass(frozen=True)
class _Work:
    """The four steps, each with a folder of its own as `/opt/ml`."""

    model: Path
    fixtures: Fixtures
    sandbox: Sandbox
    root: Path

    def extract(self) -> None:
        paths = self._paths("extract")
        self.fixtures.lay_out(paths)
        paths.extract_output.mkdir(parents=True)
        self.sandbox.run("extract", self.root / "extract")
        text = (paths.extract_output / FILE_NAME).read_text(encoding="utf-8")
        if broken := sentences(Report.of_document(json.loads(text))):
            where = f"{self.fixtures.folder}: the rows break model.yaml:"
            raise DataQualityError("\n  ".join([where, *broken]))

    def preprocess(self) -> None:
        before, paths = self._paths("extract"), self._paths("preprocess")
        shutil.copytree(before.extract_output, paths.extract_input)
        paths.parameters.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(before.parameters, paths.parameters)
        paths.features_output.mkdir(parents=True)
        self.sandbox.run("preprocess", self.root / "preprocess")

    def train(self) -> None:
        before, paths = self._paths("preprocess"), self._paths("train")
        for channel in CHANNELS:
            source = before.features_output / channel
            shutil.copytree(source, paths.channels / channel)
        values = load_spec(self.model).hyperparameters
        texts = {
            name: value if isinstance(value, str) else json.dumps(value)
            for name, value in values.items()
        }
        paths.hyperparameters.parent.mkdir(parents=True)
        paths.hyperparameters.write_text(json.dumps(texts), encoding="utf-8")
        for output in (paths.model, paths.output_data):
            output.mkdir(parents=True)
        self.sandbox.run("train", self.root / "train")

    def serve(self) -> None:
        paths = self._paths("serve")
        shutil.copytree(self._paths("train").model, paths.model)
        with self.sandbox.serve(self.root / "serve") as ask:
            _await_ping(ask)
            answer = ask(Question("/invocations", self.fixtures.request))
        _check(answer, rows=len(json.loads(self.fixtures.request)["instances"]))

    def _paths(self, step: str) -> Paths:
        return Paths.below(self.root / step)


def _await_ping(ask: Ask) -> None:
    deadline = time.monotonic() + START_TIMEOUT
    answered = "nothing"
    while time.monotonic() < deadline:
        try:
            answer = ask(Question("/ping"))
        except ConnectionError as error:
            answered = str(error)
        else:
            if answer.status == 200:
                return
            answered = f"status {answer.status}"
        time.sleep(PING_INTERVAL)
    message = f"serve did not answer /ping within {START_TIMEOUT} s: {answered}"
    raise UnavailableError(message)


def _check(answer: Answer, rows: int) -> None:
    text = answer.body.decode("utf-8", "replace")
    if answer.status != 200:
        message = f"serve answered {answer.status} to fixtures/request.json: {text}"
        raise StepFailedError(message)
    predictions = json.loads(answer.body).get("predictions")
    if not isinstance(predictions, list) or len(predictions) != rows:
        message = f"serve owed {rows} predictions to fixtures/request.json: {text}"
        raise StepFailedError(message)
