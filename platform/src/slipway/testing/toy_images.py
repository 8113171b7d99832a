"""A script of the standard library as an image, for either executor."""

import contextlib
import io
import json
import sys
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from slipway.images.base_image import choose_base
from slipway.sagemaker_local.executors.process_images import FILE, image_file


def process_image(root: Path, uri: str, script: Path) -> None:
    """Make a folder that runs a script as a process."""
    command_image(root, uri, [sys.executable, str(script)], {"FROM_IMAGE": "yes"})


def command_image(
    root: Path, uri: str, entrypoint: Sequence[str], environment: Mapping[str, str]
) -> None:
    """Make a folder that runs any command as a process."""
    target = image_file(root, uri) or root / FILE
    target.parent.mkdir(parents=True)
    content = {
        "uri": uri,
        "digest": "sha256:toy",
        "entrypoint": list(entrypoint),
        "env": dict(environment),
        "working_dir": str(target.parent),
    }
    target.write_text(json.dumps(content))


def docker_image(uri: str, script: Path) -> None:
    """Build an image that runs a script, on the base that models stand on."""
    import docker

    with contextlib.closing(docker.from_env()) as client:
        lines = [
            f"FROM {choose_base(client)}",
            "ENV FROM_IMAGE=yes",
            "COPY toy.py /toy.py",
            'ENTRYPOINT ["python", "/toy.py"]',
        ]
        context = io.BytesIO()
        with tarfile.open(fileobj=context, mode="w") as archive:
            for name, content in (
                ("Dockerfile", "\n".join(lines).encode()),
                ("toy.py", script.read_bytes()),
            ):
                info = tarfile.TarInfo(name)
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
        context.seek(0)
        client.images.build(
            fileobj=context,
            custom_context=True,
            tag=uri,
            network_mode="none",
            # Else a container of each step stays behind.
            rm=True,
            forcerm=True,
        )
