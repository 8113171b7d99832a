"""A model's fixtures: a small warehouse, the parameters of a run, and a request."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from pyarrow import csv

from slipway.container.paths import Paths
from slipway.errors import InvalidRequestError


@dataclass(frozen=True)
class Fixtures:
    """The folder `fixtures/` of a model."""

    #: The folder.
    folder: Path
    #: The tables of the small warehouse: a CSV file each, types inferred by Arrow.
    tables: tuple[Path, ...]
    #: What parameters.json says: `run_date`, and `parameters` for the SQL script.
    parameters: dict[str, Any]
    #: The body of a request to the endpoint.
    request: bytes

    def lay_out(self, paths: Paths) -> None:
        """Write the inputs of an extract job: parameters, and each table as Parquet."""
        document = {**self.parameters, "warehouse": {"kind": "lake"}}
        paths.parameters.parent.mkdir(parents=True, exist_ok=True)
        paths.parameters.write_text(json.dumps(document), encoding="utf-8")
        for table in self.tables:
            target = paths.warehouse / table.stem
            target.mkdir(parents=True)
            pq.write_table(csv.read_csv(table), target / "part-00000.parquet")


def read_fixtures(model: Path) -> Fixtures:
    """Read the fixtures of the model in the folder `model`; raise for a missing one."""
    folder = model / "fixtures"
    tables = tuple(sorted((folder / "warehouse").glob("*.csv")))
    if not tables:
        message = (
            f"{folder / 'warehouse'}: there is no CSV file. Put a few rows of each table"
            " that extract.sql reads there: <table>.csv, column names in the first line"
        )
        raise InvalidRequestError(message)
    parameters = _json(folder / "parameters.json", {"run_date", "parameters"})
    request = folder / "request.json"
    _json(request, {"instances"})
    return Fixtures(folder, tables, parameters, request.read_bytes())


def _json(path: Path, keys: set[str]) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        message = f"{path}: there is no such file"
        raise InvalidRequestError(message) from error
    except ValueError as error:
        message = f"{path}: this is not JSON: {error}"
        raise InvalidRequestError(message) from error
    if not isinstance(document, dict) or not keys <= set(document):
        message = f"{path}: expected an object with {', '.join(sorted(keys))}"
        raise InvalidRequestError(message)
    return document
