"""The files that an ended container left."""

import tarfile
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from docker import APIClient
from docker.errors import NotFound

from slipway.sagemaker_local.archives import PIECE, joined
from slipway.sagemaker_local.executors.contract import Collected


def collected(api: APIClient, container: str, path: str) -> Iterator[Collected]:
    """Yield every regular file at or below a path of a container, by path."""
    try:
        pieces, _ = api.get_archive(container, path, chunk_size=PIECE)
    except NotFound:
        return
    with tarfile.open(fileobj=joined(pieces), mode="r|") as members:
        for member in members:
            # The archive's first part is the name of what was asked for.
            first, slash, rest = member.name.partition("/")
            relative = rest if slash else first
            if member.isreg():
                content = members.extractfile(member)
                assert content is not None  # noqa: S101  # a regular file has content
                pieces_of_it = iter(partial(content.read, PIECE), b"")
                yield Collected(relative, member.size, pieces_of_it, member.mtime)
            elif member.islnk():
                # A second name of a file: an archive of its own has the content.
                inner = f"{path.rstrip('/')}/{rest}"
                for file in collected(api, container, inner):
                    yield replace(file, path=relative)
