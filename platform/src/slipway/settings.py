"""The environment that a command works in: account, bucket, role, database, warehouse."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from slipway.documents import read_document, validate
from slipway.errors import InvalidRequestError, suggestion


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Lake(_Strict):
    """A warehouse of Parquet tables in the environment's bucket."""

    kind: Literal["lake"]
    #: Key prefix of the tables: `<prefix>/<table>/*.parquet`.
    prefix: str = "warehouse"


class PostgreSQL(_Strict):
    """A PostgreSQL warehouse, reached with a secret of Secrets Manager."""

    kind: Literal["postgresql"]
    #: The secret's name or ARN; jobs read it, nothing else does.
    secret_id: str = Field(examples=["slipway/staging/warehouse"])


class LocalStack(_Strict):
    """The SageMaker-compatible server that a laptop's environment runs on."""

    #: The one port for every service, on 127.0.0.1.
    port: int = Field(5055, ge=1, le=65535, examples=[5055])
    #: What runs jobs and endpoints.
    executor: Literal["auto", "docker", "process"] = "auto"


class Environment(_Strict):
    """One file of `platform/environments`."""

    name: str
    account: str = Field(pattern=r"^\d{12}$", examples=['"123456789012"'])
    region: str = Field(examples=["eu-west-1"])
    role_arn: str = Field(
        pattern=r"^arn:aws[a-z\-]*:iam::\d{12}:role/.+$",
        examples=["arn:aws:iam::123456789012:role/slipway-execution"],
    )
    bucket: str = Field(
        pattern=r"^[a-z0-9][a-z0-9.\-]{1,61}[a-z0-9]$", examples=["slipway-staging"]
    )
    registry: str = Field(examples=["123456789012.dkr.ecr.eu-west-1.amazonaws.com"])
    database_url: str = Field(examples=["sqlite:///{state}/local/controller.db"])
    warehouse: Annotated[Lake | PostgreSQL, Field(discriminator="kind")]
    poll_seconds: float = Field(15, gt=0, examples=[15])
    local_stack: LocalStack | None = None
    #: Payload fields that this environment sets, by SageMaker operation.
    payloads: dict[str, dict[str, Any]] = Field(default_factory=dict)


@dataclass(frozen=True)
class Settings:
    """An environment, and where it lives on this machine."""

    environment: Environment
    #: The file that `environment` was read from.
    source: Path
    #: The checkout's root.
    root: Path
    #: What this checkout keeps between commands.
    state: Path

    @property
    def models(self) -> Path:
        """The folder of model folders."""
        return self.root / "models"

    @property
    def endpoint_url(self) -> str | None:
        """Where AWS's APIs answer: the local stack, or None for AWS itself."""
        stack = self.environment.local_stack
        return f"http://127.0.0.1:{stack.port}" if stack else None

    @property
    def database_url(self) -> str:
        """The address of the controller's tables."""
        return self.environment.database_url.format(state=self.state)


def environment_names(root: Path) -> list[str]:
    """Return the environments that this checkout knows."""
    return sorted(path.stem for path in _folder(root).glob("*.yaml"))


def load_settings(root: Path, name: str, variables: Mapping[str, str]) -> Settings:
    """Return the settings of environment `name`.

    `SLIPWAY_STATE` moves what is kept between commands, `SLIPWAY_PORT` and
    `SLIPWAY_EXECUTOR` the local stack: two checkouts then live side by side.
    """
    path = _folder(root) / f"{name}.yaml"
    if not path.is_file():
        known = environment_names(root)
        message = f"There is no environment {name!r}.{suggestion(name, known)}"
        raise InvalidRequestError(message)
    environment = _with_variables(validate(read_document(path), Environment), variables)
    state = Path(variables.get("SLIPWAY_STATE") or root / ".slipway").absolute()
    return Settings(environment, path, root, state)


def find_root(start: Path) -> Path:
    """Return the checkout that `start` is in, or raise."""
    for folder in (start, *start.parents):
        if (folder / "tasks.py").is_file() and _folder(folder).is_dir():
            return folder
    message = f"{start} is not inside a Slipway checkout: no tasks.py beside platform/"
    raise InvalidRequestError(message)


def _folder(root: Path) -> Path:
    return root / "platform" / "environments"


def _with_variables(
    environment: Environment, variables: Mapping[str, str]
) -> Environment:
    stack = environment.local_stack
    if stack is None:
        return environment
    port = variables.get("SLIPWAY_PORT") or stack.port
    executor = variables.get("SLIPWAY_EXECUTOR") or stack.executor
    try:
        changed = LocalStack.model_validate({"port": port, "executor": executor})
    except ValueError as error:
        message = (
            f"SLIPWAY_PORT={port!r} or SLIPWAY_EXECUTOR={executor!r} is not usable:"
            " a port is 1 to 65535, an executor auto, docker or process"
        )
        raise InvalidRequestError(message) from error
    return environment.model_copy(update={"local_stack": changed})
