"""The network of isolated endpoints: reached from this machine, and leading nowhere."""

import docker
from docker.errors import APIError

NAME = "slipway-isolated"
_CONFLICT = 409
#: Without masquerading no answer from outside finds its way back; a published port
#: still works, which it would not on one of Docker's `internal` networks.
_OPTIONS = {
    "com.docker.network.bridge.enable_ip_masquerade": "false",
    "com.docker.network.bridge.enable_icc": "false",
}


def isolated_network(api: docker.APIClient) -> str:
    """Return the network's name; it is made once for all servers of a daemon."""
    if not api.networks(names=[NAME]):
        try:
            api.create_network(
                NAME, driver="bridge", options=_OPTIONS, check_duplicate=True
            )
        except APIError as error:
            if error.status_code != _CONFLICT:
                raise
    return NAME
