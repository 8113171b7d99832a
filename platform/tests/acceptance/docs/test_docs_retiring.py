"""The page on retiring, followed to its end; then an endpoint is deleted by hand."""

import shlex
from dataclasses import dataclass

import pytest
from docs_pages import ROOT, Page

from slipway.testing.checkout import Checkout
from slipway.testing.waiting import wait_until

PAGE = Page(ROOT / "docs" / "howto" / "retire-and-collect.md")
#: The model that the page speaks of, and the one that is made here.
EXAMPLE, MODEL = "tumor_malignancy", "late_fees"
ENDPOINT = "local-late-fees"

pytestmark = pytest.mark.xdist_group("docs")


@dataclass(frozen=True)
class Versions:
    """A checkout in which the model has three versions; the last serves."""

    home: Checkout
    #: The runs that made them, in their order.
    runs: list[str]

    def line(self, number: int) -> list[str]:
        """Return the words of a command of the page, for this model."""
        commands = [line for line in PAGE.typed if line.startswith("invoke")]
        return shlex.split(commands[number].replace(EXAMPLE, MODEL))[1:]

    def found(self, *words: str) -> dict[tuple[str, str], str]:
        """Return what became of each thing, by kind and name."""
        outcome = self.home.invoke(*words, "--json")
        assert outcome.exit_code == 0, outcome.errors
        return {
            (item["kind"], item["name"]): item["kept"]
            or ("gone" if item["deleted"] else "would go")
            for item in outcome.data["items"]
        }

    def keys(self, below: str) -> list[str]:
        """Return the keys below a part of the model's prefix."""
        listed = self.home.client("s3").list_objects_v2(
            Bucket="slipway-local", Prefix=f"local/{MODEL}/{below}"
        )
        return [item["Key"] for item in listed.get("Contents", [])]


@pytest.fixture(scope="module")
def versions(home: Checkout) -> Versions:
    assert home.invoke("warehouse.seed").exit_code == 0
    made = home.invoke("new", MODEL, "--owner", "a@example.com")
    assert made.exit_code == 0, made.errors
    code, runs = home.root / "models" / MODEL / "model.py", []
    for number in (1, 2, 3):
        code.write_text(f"{code.read_text()}\n# edited {number} times\n")
        words = ("deploy", "--model", MODEL, "--date", "2026-01-31", "--json")
        outcome = home.invoke(*words)
        assert outcome.exit_code == 0, outcome.errors
        runs.append(outcome.data["run_id"])
    return Versions(home, runs)


def test_the_page_is_followed_from_the_tombstone_to_the_last_byte(
    versions: Versions,
) -> None:
    home = versions.home
    retired = home.invoke(*versions.line(0))
    assert retired.exit_code == 0, retired.errors
    assert "Version 1 of late_fees is retired" in retired.output

    refused = home.invoke(*versions.line(1))
    assert refused.exit_code == 2
    assert "is its champion: it serves" in refused.errors
    way_back = ("retire", "--model", MODEL, "--version", "2", "--reason", "old")
    kept = home.invoke(*way_back)
    assert kept.exit_code == 2
    assert f"cannot be retired: {ENDPOINT} can go back to it" in kept.errors

    before = versions.keys("versions/1/")
    plan = versions.found(*versions.line(2))
    assert sorted(plan.values()).count("would go") == 3
    assert plan["version", "1"] == "would go"
    assert versions.keys("versions/1/") == before != []

    done = versions.found(*versions.line(3))
    assert {key for key, fate in done.items() if fate == "gone"} == {
        key for key, fate in plan.items() if fate == "would go"
    }
    assert versions.keys("versions/1/") == []
    assert versions.keys("versions/3/") != []
    assert versions.keys("tombstones/") == [f"local/{MODEL}/tombstones/version/1.json"]
    asked = home.invoke("predict", "--model", MODEL, "--json").data
    assert asked["model"]["version"] == "3"
    again = home.invoke(*versions.line(3))
    assert "Nothing is to be collected" in again.output

    run = shlex.join(versions.line(4)).replace("20260131-e44c448751", versions.runs[0])
    assert home.invoke(*shlex.split(run)).exit_code == 0
    fate = versions.found(*versions.line(3))["run", versions.runs[0]]
    assert "took its outputs" in fate  # the run of the version that serves did
    assert versions.keys(f"runs/{versions.runs[0]}/") != []
    serving = run.replace(versions.runs[0], versions.runs[2])
    assert home.invoke(*shlex.split(serving)).exit_code == 2


def test_an_endpoint_that_is_deleted_by_hand_is_reported_until_it_is_back(
    versions: Versions,
) -> None:
    home = versions.home
    clean = home.invoke("reconcile", "--json")
    assert (clean.exit_code, clean.data["findings"]) == (0, [])
    sagemaker = home.client("sagemaker")
    sagemaker.delete_endpoint(EndpointName=ENDPOINT)
    part = {"NameContains": ENDPOINT}
    wait_until(lambda: not sagemaker.list_endpoints(**part)["Endpoints"], seconds=60)

    first, second = home.invoke("reconcile", "--json"), home.invoke("reconcile")

    assert (first.exit_code, second.exit_code) == (1, 1)
    [finding] = first.data["findings"]
    assert (finding["kind"], finding["name"]) == ("drift", ENDPOINT)
    assert "is gone" in finding["message"]
    assert "What to do:" in second.output
    assert "drift: The endpoint" in home.invoke("status", "--model", MODEL).output
    words = ("deploy", "--model", MODEL, "--date", "2026-01-31")
    assert home.invoke(*words).exit_code == 0
    assert home.invoke("reconcile").exit_code == 0
