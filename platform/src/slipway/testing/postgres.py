"""A real PostgreSQL server for tests and benchmarks, from a package: no installation."""

import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit, urlunsplit

import psycopg
from psycopg import sql

from slipway.application.postgres import start_postgres


@dataclass(frozen=True)
class PostgresServer:
    """A running server that is this process's own."""

    #: Its address, for a superuser.
    uri: str

    def execute(self, statement: str) -> None:
        """Run one statement, or several without parameters, and commit."""
        with psycopg.connect(self.uri, autocommit=True) as connection:
            connection.execute(statement.encode())

    def create_database(self, name: str, template: str = "template1") -> str:
        """Make a database, a copy of `template`, and return its address."""
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        parts = urlsplit(self.uri)
        return urlunsplit(parts._replace(path=f"/{name}"))

    def create_reader(self, name: str, password: str) -> Mapping[str, str]:
        """Make a role that may read every table; return the secret to log in with.

        The server trusts everybody else: this role alone must give its password.
        """
        role = sql.Identifier(name)
        with psycopg.connect(self.uri, autocommit=True) as connection:
            connection.execute(
                sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(role, password)
            )
            connection.execute(sql.SQL("GRANT pg_read_all_data TO {}").format(role))
            found = connection.execute("SHOW hba_file").fetchone() or ("",)
            rules = Path(found[0])
            rules.write_text(f"local all {name} scram-sha-256\n{rules.read_text()}")
            connection.execute("SELECT pg_reload_conf()")
        return {**self._place(), "username": name, "password": password}

    def _place(self) -> dict[str, str]:
        parts = urlsplit(self.uri)
        query = parse_qs(parts.query)
        host = query.get("host", [parts.hostname or "localhost"])[0]
        port = query.get("port", [str(parts.port or 5432)])[0]
        return {"host": host, "port": port, "dbname": parts.path.lstrip("/")}


@contextmanager
def running_postgres(*, durable: bool = True) -> Iterator[PostgresServer]:
    """Yield a server with an empty database; stop it and delete its files afterwards.

    One that is not `durable` leaves it to the system when to write: a test's data need
    not survive a power cut.
    """
    with tempfile.TemporaryDirectory(prefix="slipway-pg-") as folder:
        server = start_postgres(Path(folder) / "data", stays=False)
        made = PostgresServer(server.get_uri())
        try:
            if not durable:
                made.execute("ALTER SYSTEM SET fsync = off")
                made.execute("SELECT pg_reload_conf()")
            yield made
        finally:
            server.cleanup()


def write_secret(client: Any, secret_id: str, secret: Mapping[str, str]) -> None:
    """Put a secret into Secrets Manager with a boto3 client, over one that is there."""
    text = json.dumps(secret)
    try:
        client.create_secret(Name=secret_id, SecretString=text)
    except client.exceptions.ResourceExistsException:
        client.put_secret_value(SecretId=secret_id, SecretString=text)
