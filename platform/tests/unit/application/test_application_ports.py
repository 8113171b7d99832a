"""Ports: chosen by a variable, refused where something has them."""

import socket

import pytest

from slipway.application.ports import check_port_is_free, chosen_port
from slipway.errors import InvalidRequestError, UnavailableError

NAME = "SLIPWAY_AIRFLOW_PORT"


def test_a_port_is_the_usual_one_where_no_variable_names_another(monkeypatch):
    monkeypatch.delenv(NAME, raising=False)
    assert chosen_port(NAME, 8080) == 8080

    monkeypatch.setenv(NAME, "8090")
    assert chosen_port(NAME, 8080) == 8090


@pytest.mark.parametrize("text", ["eighty", "0", "65536", "-1", "80.5"])
def test_a_port_that_is_none_is_refused_with_its_variable(monkeypatch, text):
    monkeypatch.setenv(NAME, text)

    with pytest.raises(InvalidRequestError, match=f"{NAME}='{text}' is no port"):
        chosen_port(NAME, 8080)


def test_a_port_that_something_has_is_refused_with_another_one():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(UnavailableError, match=rf"Port {port} is taken.*{NAME}="):
            check_port_is_free(port, NAME)
    check_port_is_free(port, NAME)
