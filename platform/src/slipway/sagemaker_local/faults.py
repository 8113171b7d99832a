"""Every way in which the local SageMaker refuses a request, in AWS's words."""

from slipway.errors import SlipwayError

VALIDATION = "ValidationException"
IN_USE = "ResourceInUse"


class AwsError(SlipwayError):
    """An answer in AWS's error shape: code, message and HTTP status."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


class StorageFullError(SlipwayError, OSError):
    """The state folder has no space left."""


def validation(message: str) -> AwsError:
    """Return SageMaker's answer to whatever is wrong with a request."""
    return AwsError(VALIDATION, message)


def invalid_token() -> AwsError:
    """Return the answer to a NextToken that is of no listing like this one."""
    message = "Invalid NextToken: pass the one of the answer before, unchanged"
    return validation(message)


def storage_full() -> AwsError:
    """Return the answer to a change that cannot be stored."""
    message = (
        "No space is left in the server's state folder: nothing was changed. Free some "
        "space and send the request again."
    )
    return AwsError("InsufficientStorage", message, 507)


def training_job_exists(arn: str) -> AwsError:
    """Return the answer to a second CreateTrainingJob of a name."""
    message = (
        "Training job names must be unique within an AWS account and region, and a "
        f"training job with this name already exists ({arn})"
    )
    return AwsError(IN_USE, message)


def job_exists(arn: str) -> AwsError:
    """Return the answer to a second create of a processing job's name."""
    message = (
        "Job name must be unique within an AWS account and region, and a job with this "
        f"name already exists ({arn})"
    )
    return AwsError(IN_USE, message)


def training_job_missing(_name: str) -> AwsError:
    """Return the answer to a training job that is not there."""
    return validation("Requested resource not found.")


def processing_job_missing(name: str) -> AwsError:
    """Return the answer to a processing job that is not there."""
    return validation(f"Could not find requested job with name: {name}")


def job_finished(noun: str, status: str) -> AwsError:
    """Return the answer to a stop that comes too late."""
    message = f"The request was rejected because the {noun} job is in status {status}"
    return validation(message)


def job_unfinished(noun: str, status: str) -> AwsError:
    """Return the answer to a deletion that comes too early."""
    message = f"The request was rejected because the {noun} job is in status {status}"
    return AwsError(IN_USE, message)


def bad_local_path(path: str, root: str) -> AwsError:
    """Return the answer to a folder that is not where a job may have it."""
    return validation(f"LocalPath '{path}' must be a plain path below {root}")


def repeated_name(what: str, name: str) -> AwsError:
    """Return the answer to two parts of a request that have one name."""
    return validation(f"{what} names must be unique: '{name}' is given twice")


def exists(noun: str, arn: str) -> AwsError:
    """Return the answer to a second create of a model, config or endpoint."""
    return validation(f'Cannot create already existing {noun} "{arn}".')


def missing(noun: str, arn: str) -> AwsError:
    """Return the answer to a model, config or endpoint that is not there."""
    return validation(f'Could not find {noun} "{arn}".')


def endpoint_in_progress(arn: str) -> AwsError:
    """Return the answer to a change of an endpoint that is changing already."""
    return validation(f'Cannot update in-progress endpoint "{arn}".')


def endpoint_failed(arn: str) -> AwsError:
    """Return the answer to an update of an endpoint that never came up."""
    message = f'Cannot update endpoint "{arn}" in status Failed. Delete it first.'
    return validation(message)


def image_missing(image: str) -> AwsError:
    """Return the answer to an image that the executor does not have."""
    return validation(f"Requested image {image} not found.")


def model_data_missing(url: str) -> AwsError:
    """Return the answer to an artifact that is not there."""
    return validation(f"Could not find model data at {url}.")


def resource_missing(arn: str) -> AwsError:
    """Return the answer to tags of a resource that is not there."""
    return validation(f'Could not find resource "{arn}".')


def duplicate_tag_keys() -> AwsError:
    """Return the answer to two tags of one key in a request."""
    message = "Duplicate tag keys found. Please ensure the tag keys are unique."
    return validation(message)


def reserved_tag_key(key: str) -> AwsError:
    """Return the answer to a tag that only AWS itself may set."""
    message = f"Tag key '{key}' is not valid: keys that start with aws: are reserved"
    return validation(message)


def too_many_tags(most: int) -> AwsError:
    """Return the answer to one tag more than a resource can have."""
    return validation(f"A resource has at most {most} tags")
