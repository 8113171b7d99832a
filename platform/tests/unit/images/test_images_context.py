"""The build context of a container image."""

import tarfile
from io import BytesIO
from pathlib import Path

from slipway.images.docker_image import write_context

FILES = {"models/churn/model.py": b"code", "Dockerfile": b"FROM scratch"}


def context(wheels: Path) -> bytes:
    target = BytesIO()
    write_context(target, FILES, wheels)
    return target.getvalue()


def test_the_context_holds_the_files_and_the_wheels(tmp_path: Path) -> None:
    (tmp_path / "six-1.17.0-py2.py3-none-any.whl").write_bytes(b"wheel")
    with tarfile.open(fileobj=BytesIO(context(tmp_path))) as archive:
        names = archive.getnames()
        wheel = archive.extractfile(names[-1])
        assert wheel is not None
        assert wheel.read() == b"wheel"
    wheels = ["wheelhouse/six-1.17.0-py2.py3-none-any.whl"]
    assert names == ["Dockerfile", "models/churn/model.py", *wheels]


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for folder, names in ((first, "ab"), (second, "ba")):
        folder.mkdir()
        for name in names:
            (folder / f"{name}.whl").write_text(name)
    assert context(first) == context(second)
