from pathlib import Path

import pytest

from slipway.errors import DocumentError, InvalidRequestError
from slipway.settings import environment_names, find_root, load_settings

ROOT = Path(__file__).parents[4]


@pytest.mark.parametrize("name", environment_names(ROOT))
def test_every_environment_of_the_checkout_is_read(name):
    assert load_settings(ROOT, name, {}).environment.name == name


def test_only_the_local_environment_has_an_address_of_its_own():
    addresses = {
        name: load_settings(ROOT, name, {}).endpoint_url
        for name in environment_names(ROOT)
    }

    assert addresses.pop("local") == "http://127.0.0.1:5055"
    assert set(addresses.values()) == {None}


def test_an_unknown_environment_gets_a_suggestion():
    with pytest.raises(InvalidRequestError, match="Did you mean 'staging'"):
        load_settings(ROOT, "stagin", {})


def test_variables_move_the_local_stack_and_its_state(tmp_path):
    variables = {"SLIPWAY_PORT": "6000", "SLIPWAY_STATE": str(tmp_path)}

    settings = load_settings(ROOT, "local", variables)

    assert settings.endpoint_url == "http://127.0.0.1:6000"
    assert settings.database_url == f"sqlite:///{tmp_path}/local/controller.db"


def test_an_empty_variable_means_the_default():
    empty = {"SLIPWAY_PORT": "", "SLIPWAY_EXECUTOR": "", "SLIPWAY_STATE": ""}

    assert load_settings(ROOT, "local", empty) == load_settings(ROOT, "local", {})


@pytest.mark.parametrize(
    "variables", [{"SLIPWAY_PORT": "x"}, {"SLIPWAY_EXECUTOR": "podman"}]
)
def test_a_bad_variable_is_named(variables):
    with pytest.raises(InvalidRequestError) as refusal:
        load_settings(ROOT, "local", variables)

    assert next(iter(variables.values())) in str(refusal.value)


def test_a_folder_outside_a_checkout_is_refused(tmp_path):
    with pytest.raises(InvalidRequestError, match="not inside a Slipway checkout"):
        find_root(tmp_path)


def test_an_environment_with_a_bad_account_names_its_line(tmp_path):
    folder = tmp_path / "platform" / "environments"
    folder.mkdir(parents=True)
    text = (ROOT / "platform/environments/local.yaml").read_text()
    (folder / "local.yaml").write_text(text.replace('"000000000000"', '"12"'))

    with pytest.raises(DocumentError, match=r"local\.yaml:4: 'account' is '12'"):
        load_settings(tmp_path, "local", {})
