import pytest

from slipway.controller.sources import sources_digest, step_sources
from slipway.errors import InvalidRequestError


@pytest.fixture
def churn(tmp_path):
    folder = tmp_path / "churn"
    (folder / "features").mkdir(parents=True)
    files = {
        "__init__.py": "",
        "model.py": "from churn.shared import a\n",
        "preprocess.py": "import churn.features.ages\nfrom .shared import a\n",
        "shared.py": "import pandas\na = 1\n",
        "serve.py": "from churn.model import Model\n",
        "features/__init__.py": "",
        "features/ages.py": "def f():\n    from churn.features import names\n",
        "features/names.py": "",
        "features/unused.py": "",
    }
    for name, text in files.items():
        (folder / name).write_text(text)
    return folder


def names(folder, entry):
    return {str(p.relative_to(folder)) for p in step_sources(folder, entry)}


def test_a_step_reads_what_its_entry_imports_and_no_more(churn):
    assert names(churn, "model.py") == {"__init__.py", "model.py", "shared.py"}
    assert names(churn, "preprocess.py") == {
        "__init__.py",
        "preprocess.py",
        "shared.py",
        "features/__init__.py",
        "features/ages.py",
        "features/names.py",
    }


@pytest.mark.parametrize(
    ("changed", "differs"),
    [("shared.py", True), ("features/names.py", True), ("model.py", False)],
)
def test_only_a_change_of_what_it_reads_changes_the_digest(churn, changed, differs):
    before = sources_digest(churn, "preprocess.py")
    (churn / changed).write_text("b = 2\n")

    assert (sources_digest(churn, "preprocess.py") != before) == differs


def test_a_syntax_error_is_told_with_file_and_line(churn):
    (churn / "model.py").write_text("a = 1\ndef f(:\n")

    with pytest.raises(InvalidRequestError, match=r"churn/model\.py:2: "):
        sources_digest(churn, "model.py")


def test_a_missing_entry_is_named(churn):
    (churn / "model.py").unlink()

    with pytest.raises(InvalidRequestError, match=r"churn/model\.py is missing"):
        sources_digest(churn, "model.py")
