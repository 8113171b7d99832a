"""What the pages say exists: links, commands, options, files, modules."""

import importlib.util
import re
from collections.abc import Iterable
from pathlib import Path

import pytest
from docs_pages import ROOT, Page, pages
from invoke.program import Program

from slipway.tasks import namespace

PAGES = pages()
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
#: Models that pages invent; the example's folder shows which files each has.
INVENTED = {"churn_risk", "my_model"}
EXAMPLE = "tumor_malignancy"
#: The environment of `make`, and what the local stack keeps: not in a fresh checkout.
MADE = (".venv/", ".slipway/", ".tox/")
#: Names that only an own registry, or this or that machine, could have.
FOREIGN = re.compile(
    r"\b(?:pypi|npmjs|pythonhosted)\.|ghcr\.io|quay\.io|public\.ecr\.aws|artifactory"
    r"|--(?:extra-)?index-url|(?<![\w.}/-])/(?:work|root|home|Users)/"
)


def top_level() -> set[str]:
    """Return the names at the top of the repository."""
    return {path.name for path in ROOT.iterdir()}


def options(names: Iterable[str]) -> set[str]:
    return {f"--{name}" if len(name) > 1 else f"-{name}" for name in names}


def task_options(task: str) -> set[str]:
    arguments = namespace[task].get_arguments()
    return {option for argument in arguments for option in options(argument.names)}


def core_options() -> set[str]:
    program = Program()
    arguments = [*program.core_args(), *program.task_args()]
    return {option for argument in arguments for option in options(argument.names)}


def targets(makefile: Path) -> set[str]:
    return set(re.findall(r"^([\w.-]+):", makefile.read_text(), re.MULTILINE))


def test_the_pages_are_found() -> None:
    names = {page.name for page in PAGES}
    assert {"README.md", "CONTRIBUTING.md", "docs/howto/first-model.md"} <= names


@each_page
def test_each_relative_link_leads_to_a_file_and_a_heading(page: Page) -> None:
    for link in page.links:
        if re.match(r"[a-z]+:", link):
            continue
        file, _, anchor = link.partition("#")
        target = page.path.parent / file if file else page.path
        assert target.exists(), f"{page.name} links to {link}"
        if anchor:
            assert anchor in Page(target).anchors, f"{page.name} links to {link}"


@each_page
def test_each_invoke_command_exists_and_takes_its_options(page: Page) -> None:
    for program, *words in page.commands:
        if program != "invoke":
            continue
        task = next((word for word in words if not word.startswith("-")), "")
        known = core_options()
        if task and "<" not in task and "--help" not in words:
            assert task in namespace.task_names, f"{page.name}: invoke {task}"
            known |= task_options(task)
        given = {word.partition("=")[0] for word in words if word.startswith("-")}
        assert given - {"-"} <= known, f"{page.name}: invoke {' '.join(words)}"


@each_page
def test_each_make_target_exists(page: Page) -> None:
    for program, *words in page.commands:
        if program != "make":
            continue
        makefile = ROOT / "Makefile"
        if words[0] == "-C":
            makefile, words = ROOT / words[1] / "Makefile", words[2:]
        for word in words:
            if "=" not in word:
                assert word in targets(makefile), f"{page.name}: make {word}"


@each_page
def test_each_path_of_the_repository_that_is_named_exists(page: Page) -> None:
    known = top_level()
    for code in page.code:
        path = code.rstrip("/")
        first, _, rest = path.partition("/")
        if not re.fullmatch(r"[\w./-]+", path) or not rest or first not in known:
            continue
        if code.startswith(MADE):
            continue
        for model in INVENTED:
            path = path.replace(model, EXAMPLE)
        assert (ROOT / path).exists(), f"{page.name} names {code}"


@each_page
def test_each_module_that_is_named_exists(page: Page) -> None:
    for name in re.findall(r"\bslipway(?:\.[a-z_0-9]+)+\b", page.text):
        parent, _, last = name.rpartition(".")
        spec = importlib.util.find_spec(parent)
        assert spec is not None, f"{page.name} names {name}"
        if importlib.util.find_spec(name) is None:
            module = importlib.import_module(parent)
            assert hasattr(module, last), f"{page.name} names {name}"


@each_page
def test_no_page_names_a_registry_or_a_machine(page: Page) -> None:
    assert not FOREIGN.findall(page.text), page.name
