"""The key pairs whose signatures are taken."""

import configparser
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from slipway.errors import InvalidRequestError
from slipway.sagemaker_local.identity import ACCESS_KEY, SECRET_KEY

#: The variables of a pair that is in no file.
KEY_VARIABLE = "SLIPWAY_LOCAL_ACCESS_KEY_ID"
SECRET_VARIABLE = "SLIPWAY_LOCAL_SECRET_ACCESS_KEY"  # noqa: S105  # a name
_ID, _SECRET = "aws_access_key_id", "aws_secret_access_key"


@dataclass(frozen=True)
class KeyPair:
    """One access key; its secret is in no text that is made of it."""

    id: str
    secret: str = field(repr=False)


#: What jobs sign with where nothing is checked.
PLACEHOLDER = KeyPair(ACCESS_KEY, SECRET_KEY)


def given_pairs(file: Path | None, environment: Mapping[str, str]) -> list[KeyPair]:
    """Return the pairs of a shared credentials file of AWS's, and of the environment."""
    pairs = [] if file is None else _of_file(file)
    key, secret = environment.get(KEY_VARIABLE), environment.get(SECRET_VARIABLE)
    if (key is None) != (secret is None):
        message = f"{KEY_VARIABLE} and {SECRET_VARIABLE} go together; one is not set"
        raise InvalidRequestError(message)
    if key and secret:
        pairs.append(KeyPair(key, secret))
    return pairs


def role_pair(state: Path) -> KeyPair:
    """Return what jobs sign with; made once, for its jobs outlive a server."""
    path = state / "role.json"
    if not path.exists():
        made = {"id": f"ASIA{secrets.token_hex(8).upper()}", "secret": _new_secret()}
        unfinished = path.with_suffix(".new")
        unfinished.unlink(missing_ok=True)
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as target:
            json.dump(made, target)
        unfinished.rename(path)
    return KeyPair(**json.loads(path.read_bytes()))


def _new_secret() -> str:
    return secrets.token_urlsafe(30)


def _of_file(file: Path) -> list[KeyPair]:
    profiles = configparser.RawConfigParser()
    try:
        profiles.read_string(file.read_text())
        pairs = [
            KeyPair(profiles[name][_ID], profiles[name][_SECRET])
            for name in profiles.sections()
        ]
    except (OSError, UnicodeDecodeError, KeyError, configparser.Error):
        # Without its cause: that quotes lines of the file.
        pairs = []
    if not pairs:
        message = (
            f"{file} holds no credentials. Expected a file like ~/.aws/credentials: "
            f"[default], {_ID} = …, {_SECRET} = …"
        )
        raise InvalidRequestError(message)
    return pairs
