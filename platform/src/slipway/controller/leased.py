"""The names of what is leased."""


def model_lease(environment: str, model: str) -> str:
    """Return what whoever changes what serves of a model holds."""
    return f"{environment}/{model}"


def versions_lease(environment: str, model: str) -> str:
    """Return what a run holds while it registers a version."""
    return f"{environment}/{model}/versions"


def collection_of(lease: str) -> str:
    """Return what a collection holds beside a model: runs that begin wait for it."""
    return f"{lease}/collection"


def runs_of(environment: str, model: str) -> str:
    """Return how the leases of a model's runs begin."""
    return f"{environment}/{model}/run/"


def run_lease(environment: str, model: str, run_id: str) -> str:
    """Return what whoever takes a run's steps holds."""
    return runs_of(environment, model) + run_id
