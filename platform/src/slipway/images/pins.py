"""The lines of a lock that one Python on one platform installs."""

from collections.abc import Iterator, Mapping

from packaging.requirements import InvalidRequirement, Requirement

from slipway.errors import InvalidRequestError

#: The markers of the Python in a container image: CPython 3.11, 64-bit Linux.
CONTAINER: Mapping[str, str] = {
    "implementation_name": "cpython",
    "implementation_version": "3.11.0",
    "os_name": "posix",
    "platform_machine": "x86_64",
    "platform_python_implementation": "CPython",
    "platform_release": "",
    "platform_system": "Linux",
    "platform_version": "",
    "python_full_version": "3.11.0",
    "python_version": "3.11",
    "sys_platform": "linux",
}


def select(lock: str, environment: Mapping[str, str] = CONTAINER) -> str:
    """Return the pins of `lock` that `environment` needs, markers gone, hashes kept.

    pip reads markers for the Python that runs it, whatever `--python-version` says, so
    they have to be settled before it is asked for another platform's wheels.
    """
    pins = list(_pins(lock))
    kept = [pin for pin, requirement in pins if _needed(requirement, environment)]
    return "\n".join(kept) + "\n"


def _needed(requirement: Requirement, environment: Mapping[str, str]) -> bool:
    marker = requirement.marker
    return marker is None or marker.evaluate(dict(environment))


def _pins(lock: str) -> Iterator[tuple[str, Requirement]]:
    for line in lock.replace("\\\n", " ").splitlines():
        text = line.split("#", 1)[0].strip()
        if not text:
            continue
        named, *hashes = text.split(" --hash=")
        try:
            requirement = Requirement(named)
        except InvalidRequirement as error:
            message = f"requirements.txt: {named.strip()!r} is not a pin: {error}"
            raise InvalidRequestError(message) from error
        if not hashes:
            message = (
                f"requirements.txt: {named.strip()!r} has no --hash: lock it again"
            )
            raise InvalidRequestError(message)
        options = " ".join(f"--hash={digest.strip()}" for digest in hashes)
        yield f"{requirement.name}{requirement.specifier} {options}", requirement
