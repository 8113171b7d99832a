"""Whether a container's address is of the network that leads nowhere."""

import ipaddress

from slipway.sagemaker_local.executors.docker_network import NAME

_MASQUERADE = "com.docker.network.bridge.enable_ip_masquerade"


def leads_nowhere(address: str) -> bool:
    """Say whether no answer from outside finds its way to an address of a container."""
    import docker

    client = docker.from_env()
    network = client.api.inspect_network(NAME)
    client.close()
    subnets = [each["Subnet"] for each in network["IPAM"]["Config"]]
    inside = any(
        ipaddress.ip_address(address) in ipaddress.ip_network(each) for each in subnets
    )
    return inside and network["Options"][_MASQUERADE] == "false"
