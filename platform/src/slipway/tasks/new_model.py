"""Model folders generated from the template, and brought up to date with it."""

import tempfile
from collections.abc import Mapping
from pathlib import Path

from copier import run_copy
from copier.errors import CopierError

from slipway.documents import plain, read_document
from slipway.errors import InvalidRequestError
from slipway.images.lock import FILE_NAME, lock
from slipway.images.tool import Progress, silent
from slipway.names import check_model_name, check_new_model_name
from slipway.spec import find_model

#: The template's place in the repository; each folder's answers name it so.
TEMPLATE = "copier-template"
#: What a folder was made with.
ANSWERS = ".copier-answers.yml"


def create_model(root: Path, name: str, answers: Mapping[str, str]) -> Path:
    """Make `models/<name>` below `root` from the template, and return it.

    `answers` are answers to the questions of copier.yml; the others take their default.
    Raises InvalidRequestError, and leaves nothing behind, for a name that no model can
    have, a folder that is there, or an answer that the template refuses.
    """
    target = root / "models" / check_model_name(name)
    if target.exists():
        message = f"models/{name} is there already: choose another name, or delete it"
        raise InvalidRequestError(message)
    check_new_model_name(name)
    _copy(root, target, {**answers, "name": name}, overwrite=False)
    return target


def upgrade_model(root: Path, name: str) -> Path:
    """Bring the platform's files of `models/<name>` up to date, and return the folder.

    Those are its Dockerfile, serve.py and tests/test_<name>_folder.py. The author's own
    files are not touched: copier.yml lists them.
    """
    folder = find_model(root / "models", name)
    answers = plain(read_document(folder / ANSWERS).data)
    given = {key: value for key, value in answers.items() if not key.startswith("_")}
    _copy(root, folder, given, overwrite=True)
    return folder


def lock_template(
    root: Path, *, upgrade: bool = False, progress: Progress = silent
) -> Path:
    """Lock what the template's models start with, and return the lock's path."""
    target = root / TEMPLATE / "template" / FILE_NAME
    with tempfile.TemporaryDirectory(prefix="slipway-template-") as temporary:
        scratch = Path(temporary)
        for name in (TEMPLATE, "platform"):
            (scratch / name).symlink_to(root / name)
        folder = create_model(scratch, "any_model", {})
        lock(folder, upgrade=upgrade, progress=progress)
        target.write_bytes((folder / FILE_NAME).read_bytes())
    return target


def _copy(
    root: Path, target: Path, answers: Mapping[str, str], *, overwrite: bool
) -> None:
    try:
        run_copy(
            str(root / TEMPLATE),
            target,
            data=dict(answers),
            defaults=True,
            overwrite=overwrite,
            quiet=True,
        )
    except (CopierError, ValueError) as error:
        message = f"The template refuses an answer: {error}"
        raise InvalidRequestError(message) from error
