"""The same estimator as the same bytes: what skops writes, without addresses and times.

skops names what is in its archive by addresses in memory, and dates it. The artifact's
digest would differ after each training, though nothing else does.
"""

import io
import re
import zipfile

_SCHEMA = "schema.json"
#: A zip archive's earliest date.
_EPOCH = (1980, 1, 1, 0, 0, 0)
#: An address in the schema: of an object, or in the name of an array's file.
_ADDRESS = re.compile(r'(?<="__id__": )\d+|\d+(?=\.np[yz]")')


def settled(archive: bytes) -> bytes:
    """Return a skops archive with its addresses numbered in the order they come."""
    with zipfile.ZipFile(io.BytesIO(archive)) as source:
        files = {name: source.read(name) for name in source.namelist()}
    numbers: dict[str, str] = {}

    def number(found: re.Match[str]) -> str:
        return numbers.setdefault(found[0], str(len(numbers) + 1))

    schema = _ADDRESS.sub(number, files.pop(_SCHEMA).decode())
    renamed = {_renamed(name, numbers): content for name, content in files.items()}
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as made:
        for name in sorted(renamed):
            made.writestr(zipfile.ZipInfo(name, _EPOCH), renamed[name])
        made.writestr(zipfile.ZipInfo(_SCHEMA, _EPOCH), schema)
    return target.getvalue()


def _renamed(name: str, numbers: dict[str, str]) -> str:
    stem, dot, ending = name.partition(".")
    return f"{numbers.get(stem, stem)}{dot}{ending}"
