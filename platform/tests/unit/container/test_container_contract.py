import signal
from pathlib import Path

import pytest

from slipway.container.contract import (
    STOPPED,
    Job,
    StopRequestedError,
    describe,
    run_command,
)
from slipway.container.model_package import ModelPackage
from slipway.container.paths import Paths
from slipway.errors import DataQualityError, SqlError


def job(root: Path) -> Job:
    return Job(Paths.below(root), ModelPackage("toy", root / "toy"), {})


def raising(error: BaseException) -> object:
    def command(_job: Job) -> str:
        raise error

    return command


def test_a_command_that_succeeds_leaves_its_message(tmp_path: Path) -> None:
    assert run_command(lambda _job: "3 rows", job(tmp_path)) == 0
    assert (tmp_path / "output/message").read_text() == "3 rows"
    assert not (tmp_path / "output/failure").exists()


@pytest.mark.parametrize(
    ("error", "code"),
    [(SqlError("bad SQL"), 2), (DataQualityError("bad data"), 1), (KeyError("x"), 1)],
)
def test_exit_codes_tell_a_mistake_from_a_failure(
    tmp_path: Path, error: Exception, code: int
) -> None:
    assert run_command(raising(error), job(tmp_path)) == code  # type: ignore[arg-type]


def test_a_mistake_is_one_line_without_a_traceback(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    run_command(raising(SqlError("extract.sql:1:1: no")), job(tmp_path))  # type: ignore[arg-type]

    assert (tmp_path / "output/failure").read_text() == "extract.sql:1:1: no"
    assert "Traceback" not in caplog.text


def test_a_fault_is_in_the_log_with_its_traceback(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    run_command(raising(KeyError("x")), job(tmp_path))  # type: ignore[arg-type]

    assert (tmp_path / "output/failure").read_text().startswith("KeyError: 'x' (")
    assert "Traceback" in caplog.text


def test_failure_and_message_keep_sagemakers_lengths(tmp_path: Path) -> None:
    run_command(raising(SqlError("é" * 3000)), job(tmp_path))  # type: ignore[arg-type]

    assert (tmp_path / "output/failure").read_text() == "é" * 1024
    assert (tmp_path / "output/message").read_bytes().decode() == "é" * 512


def test_a_stopped_command_says_so_and_exits_as_a_signal_does(tmp_path: Path) -> None:
    code = run_command(raising(StopRequestedError()), job(tmp_path))  # type: ignore[arg-type]

    assert code == STOPPED == 128 + signal.SIGTERM
    assert "SIGTERM" in (tmp_path / "output/failure").read_text()


def test_a_failure_is_kept_where_the_folder_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "output").write_text("a file where a folder should be")

    assert run_command(raising(SqlError("no")), job(tmp_path)) == 2  # type: ignore[arg-type]


def test_a_fault_in_a_models_code_is_told_with_its_line(tmp_path: Path) -> None:
    folder = tmp_path / "churn"
    folder.mkdir()
    source = "import json\n\n\ndef train():\n    json.loads('{')\n"
    (folder / "model.py").write_text(source)
    names: dict[str, object] = {}
    exec(compile(source, str(folder / "model.py"), "exec"), names)  # noqa: S102  # a model's code

    with pytest.raises(ValueError, match="Expecting") as caught:
        names["train"]()  # type: ignore[operator]

    assert describe(caught.value, folder).endswith("(models/churn/model.py:5)")
    assert describe(caught.value, folder).startswith("JSONDecodeError: Expecting")
