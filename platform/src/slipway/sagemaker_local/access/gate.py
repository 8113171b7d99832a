"""What stands before every service: signatures, or else the doors of a loopback."""

import ipaddress
import re
from functools import lru_cache

from werkzeug.wrappers import Request

from slipway.sagemaker_local.access.signatures import Verifier
from slipway.sagemaker_local.faults import AwsError

#: Names that lead to this machine, or that no stranger's DNS can point at it.
_OWN_HOST = re.compile(
    r"(?:[a-z0-9._-]+\.)?(?:localhost|amazonaws\.com)", re.IGNORECASE
)
#: What a browser says of a request that no other site made.
_OWN_SITE = ("none", "same-origin")
_DENIED = "AccessDeniedException"


class Gate:
    """Lets requests in; without a verifier, from this machine's programs alone."""

    def __init__(self, verifier: Verifier | None) -> None:
        self._verifier = verifier

    @property
    def verifies(self) -> bool:
        """Say whether signatures are checked."""
        return self._verifier is not None

    def check_door(self, request: Request) -> None:
        """Refuse what a web page of another site sends to a server on loopback.

        Where signatures are checked, a page has none to show.
        """
        if self.verifies:
            return
        asked = request.environ
        if not is_own_host(asked.get("HTTP_HOST", "localhost")):
            message = (
                "The Host header names neither this machine nor AWS: "
                f"'{asked['HTTP_HOST'][:100]}'"
            )
            raise AwsError(_DENIED, message, 403)
        site = asked.get("HTTP_SEC_FETCH_SITE", "none")
        if "HTTP_ORIGIN" in asked or site not in _OWN_SITE:
            message = "Web pages of other sites may not use this server"
            raise AwsError(_DENIED, message, 403)

    def check_signature(self, request: Request, service: str) -> None:
        """Refuse what none of the keys signed, where signatures are checked."""
        if self._verifier is not None:
            self._verifier.check(request, service)


@lru_cache(maxsize=64)
def is_own_host(host: str) -> bool:
    """Say whether a Host header is a name or an address of this machine, or AWS's."""
    name = re.sub(r":\d+$", "", host)
    if _OWN_HOST.fullmatch(name):
        return True
    return is_loopback(name.strip("[]"))


def is_loopback(host: str) -> bool:
    """Say whether an address is this machine's own."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
