"""The folder of rendered DAGs, and what of it is not current."""

from dataclasses import dataclass
from pathlib import Path

from slipway.dags.pipelines import PIPELINES
from slipway.dags.plan import plan_dags
from slipway.dags.render import file_name, render
from slipway.errors import DocumentError
from slipway.spec import find_model, load_spec, model_names

#: Every rendered file ends so, and no other file of the folder does.
_RENDERED = tuple(f"_{pipeline.name}.py" for pipeline in PIPELINES)


@dataclass(frozen=True)
class Rendering:
    """What the models' specs make of the folder of DAGs."""

    #: Every file of every model that has a valid spec: its name and its text.
    files: dict[str, str]
    #: Of each model whose spec is broken: the error, with file and line.
    broken: dict[str, str]
    #: Names of files that differ from the folder's, or are not there.
    stale: tuple[str, ...]
    #: Names of rendered files of models that are gone.
    orphaned: tuple[str, ...]

    def write(self, folder: Path) -> None:
        """Make the folder's files current; those of a broken model stay as they are."""
        folder.mkdir(parents=True, exist_ok=True)
        for name in self.stale:
            (folder / name).write_text(self.files[name], encoding="utf-8")
        for name in self.orphaned:
            (folder / name).unlink()


def render_models(models: Path, folder: Path) -> Rendering:
    """Render each model below `models`, and compare with `folder`; nothing is written."""
    files: dict[str, str] = {}
    broken: dict[str, str] = {}
    for name in model_names(models):
        try:
            plans = plan_dags(load_spec(find_model(models, name)))
        except DocumentError as error:
            broken[name] = str(error)
            continue
        files |= {file_name(plan): render(plan) for plan in plans}
    stale = tuple(name for name, text in files.items() if _read(folder / name) != text)
    return Rendering(files, broken, stale, _orphans(folder, files, broken))


def _orphans(
    folder: Path, files: dict[str, str], broken: dict[str, str]
) -> tuple[str, ...]:
    """Return the rendered files that no model makes."""
    kept = {f"{name}{ending}" for name in broken for ending in _RENDERED}
    there = {path.name for path in folder.glob("*.py") if path.name.endswith(_RENDERED)}
    return tuple(sorted(there - set(files) - kept))


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""
