import pytest

from slipway.controller.garbage.collect import Wish
from slipway.errors import InvalidRequestError
from slipway.tasks.collecting import Doomed, _size, collect, retire
from slipway.tasks.reconciling import reconcile_environment


@pytest.fixture(autouse=True)
def state(tmp_path, monkeypatch):
    monkeypatch.setenv("SLIPWAY_STATE", str(tmp_path))


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({}, "either --model <name> --version <number>, or --run <id>"),
        ({"version": 1, "run": "r1"}, "either --model <name> --version <number>"),
        ({"version": 1, "reason": "  "}, "--reason is missing"),
        ({"run": "r1", "reason": ""}, "--reason is missing"),
        ({"version": 1, "model": ""}, "Give --model <name>. Known:"),
    ],
)
def test_a_tombstone_needs_one_thing_and_a_reason(asked, said):
    given = {"model": "m", "version": 0, "run": "", "reason": "why", **asked}

    with pytest.raises(InvalidRequestError, match=said):
        retire("local", Doomed(**given))


def test_a_collection_keeps_no_negative_number_of_versions():
    with pytest.raises(InvalidRequestError, match="below zero"):
        collect("local", "", Wish(keep=-1))


def test_a_collection_of_an_unknown_model_gets_a_suggestion():
    with pytest.raises(InvalidRequestError, match="Did you mean 'tumor_malignancy'"):
        collect("local", "tumor_malignacy", Wish())


def test_a_pass_is_taken_once_or_watched_and_not_both():
    with pytest.raises(InvalidRequestError, match="exclude each other"):
        reconcile_environment("local", once=True, watch=True, sweep=False)


@pytest.mark.parametrize(
    ("size", "shown"),
    [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (5 * 1024**4, "5.0 TiB")],
)
def test_sizes_are_read_by_people(size, shown):
    assert _size(size) == shown
