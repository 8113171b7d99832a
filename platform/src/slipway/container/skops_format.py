"""scikit-learn estimators as skops files: read without running what is in them."""

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from slipway.container.skops_bytes import settled
from slipway.errors import IntegrityError


def save_estimator(estimator: Any, path: Path) -> None:
    """Write a scikit-learn estimator to `path` in skops' format; it is no pickle.

    An equal estimator gives equal bytes.
    """
    import skops.io  # imports scikit-learn: only those who call pay

    path.write_bytes(settled(skops.io.dumps(estimator)))


def load_estimator(path: Path, trusted: Sequence[str] = ()) -> Any:
    """Return the estimator in `path`.

    Raises:
        IntegrityError: the file holds a type that is neither trusted by skops nor
            named in `trusted`, for example `trusted=["churn.model.AgeBands"]`.
    """
    import skops.io  # imports scikit-learn: only those who call pay

    try:
        unknown = set(skops.io.get_untrusted_types(file=path)) - set(trusted)
    except (ValueError, KeyError, zipfile.BadZipFile) as error:
        message = f"{path.name} is no skops file, or it was damaged: {error}"
        raise IntegrityError(message) from error
    if unknown:
        named = ", ".join(repr(name) for name in sorted(unknown))
        message = (
            f"{path.name} holds types that are not trusted: {named}. Name each in"
            " load_estimator(path, trusted=[…]) if its code may run"
        )
        raise IntegrityError(message)
    return skops.io.load(path, trusted=list(trusted))
