"""Every way in which the local SageMaker refuses a request, in AWS's words."""

import errno

from slipway.errors import SlipwayError

VALIDATION = "ValidationException"
IN_USE = "ResourceInUse"
CONFLICT = "ConflictException"


class AwsError(SlipwayError):
    """An answer in AWS's error shape: code, message and HTTP status."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


class StorageFullError(SlipwayError, OSError):
    """The state folder has no space left."""


#: What the disk says that takes no more, of the server or of its user.
_NO_SPACE = (errno.ENOSPC, errno.EDQUOT)


def is_full(error: OSError) -> bool:
    """Say whether an error is that the disk takes no more."""
    return isinstance(error, StorageFullError) or error.errno in _NO_SPACE


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


def transform_job_missing(name: str) -> AwsError:
    """Return the answer to a transform job that is not there."""
    return validation(f"Could not find requested job with name: {name}")


def no_transform_job_to_stop(name: str) -> AwsError:
    """Return the answer to the stop of a transform job that is not there."""
    return validation(f"Could not find job to update with name {name}")


def above(value: float, most: float, member: str) -> AwsError:
    """Return the answer to a number that is larger than AWS takes."""
    message = (
        f"1 validation error detected: Value '{value}' at '{member}' failed to satisfy "
        f"constraint: Member must have value less than or equal to {most}"
    )
    return validation(message)


def quota_exceeded(what: str, *, quota: int, used: int, more: int) -> AwsError:
    """Return the answer to more instances than a quota allows."""
    message = (
        f"The account-level service limit '{what} usage' is {quota} Instances, with "
        f"current utilization of {used} Instances and a request delta of {more} "
        "Instances. Please use AWS Service Quotas to request an increase for this "
        "quota. If AWS Service Quotas is not available, contact AWS support to request "
        "an increase for this quota."
    )
    return AwsError("ResourceLimitExceeded", message)


def payloads_too_large(most: int) -> AwsError:
    """Return the answer to more payload at once than a transform job may have."""
    message = f"MaxConcurrentTransforms * MaxPayloadInMB must not exceed {most} MB"
    return validation(message)


def not_associable(member: str, value: str) -> AwsError:
    """Return the answer to DataProcessing of what is neither CSV nor JSON."""
    message = (
        f"DataProcessing needs a {member} of text/csv, application/json or "
        f"application/jsonlines, not '{value}'"
    )
    return validation(message)


def unequal(value: str, other: str, members: tuple[str, str]) -> AwsError:
    """Return the answer to a join whose two sides are not alike."""
    message = (
        f"JoinSource Input needs equal {' and '.join(members)}: they are '{value}' and "
        f"'{other}'"
    )
    return validation(message)


def no_processing_in_chunks() -> AwsError:
    """Return the answer to filters or a join of objects that are sent in chunks."""
    message = (
        "The local SageMaker server does not support DataProcessing with a "
        "MaxPayloadInMB of 0"
    )
    return validation(message)


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


def local_path_taken(path: str) -> AwsError:
    """Return the answer to a folder that another part of the job has."""
    message = f"LocalPath '{path}' is taken: each part of a job needs its own folder"
    return validation(message)


def no_s3_address(member: str, value: str) -> AwsError:
    """Return the answer to an address of a job that leads elsewhere than to S3."""
    message = (
        "The local SageMaker server reads and writes s3://bucket/key only: "
        f"{member} is '{value}'"
    )
    return validation(message)


def repeated_name(what: str, name: str) -> AwsError:
    """Return the answer to two parts of a request that have one name."""
    return validation(f"The names in {what} must be unique: '{name}' is given twice")


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


def missing_member(path: str) -> AwsError:
    """Return the answer to a request that lacks a member."""
    written = ".".join(name[:1].lower() + name[1:] for name in path.split("."))
    message = (
        f"1 validation error detected: Value null at '{written}' failed to satisfy "
        "constraint: Member must not be null"
    )
    return validation(message)


def containers_and_primary() -> AwsError:
    """Return the answer to a model with both ways to give its container."""
    return validation("Give either PrimaryContainer or Containers, not both.")


def several_containers(member: str) -> AwsError:
    """Return the answer to a model that is a pipeline of containers."""
    message = (
        f"The local SageMaker server does not support more than one container in "
        f"'{member}' of a model: it has no inference pipelines"
    )
    return validation(message)


def two_sources(first: str, second: str) -> AwsError:
    """Return the answer to a container with two members for one thing."""
    return validation(f"Give either {first} or {second} for a container, not both.")


def bad_model_data(data_type: str, compression: str) -> AwsError:
    """Return the answer to model data in a form that SageMaker does not have."""
    message = (
        f"CompressionType '{compression}' cannot be combined with S3DataType "
        f"'{data_type}'. Model data is S3Object with Gzip or None, or S3Prefix with None"
    )
    return validation(message)


def bad_model_prefix(uri: str) -> AwsError:
    """Return the answer to a prefix of model data that may end within a name."""
    return validation(f"S3Uri '{uri}' of an S3Prefix must end with a slash")


def group_exists(arn: str) -> AwsError:
    """Return the answer to a second create of a model package group's name."""
    return validation(f"Model Package Group already exists: {arn}")


def group_missing(arn: str) -> AwsError:
    """Return the answer to a model package group that is not there."""
    return validation(f"ModelPackageGroup {arn} does not exist.")


def no_group_to_register_in() -> AwsError:
    """Return the answer to a version of a group that is not there."""
    return validation("Model Package Group does not exist.")


def group_in_use(arn: str) -> AwsError:
    """Return the answer to the deletion of a group that has packages."""
    message = f"Model Package Group {arn} cannot be deleted: it has model packages"
    return AwsError(CONFLICT, message)


def package_exists(arn: str) -> AwsError:
    """Return the answer to a second create of a model package's name."""
    return validation(f"Model Package already exists: {arn}")


def package_missing(arn: str) -> AwsError:
    """Return the answer to a model package that is not there."""
    return validation(f"ModelPackage {arn} does not exist.")


def package_and_group() -> AwsError:
    """Return the answer to a package with a name of its own and a group."""
    message = (
        "Both ModelPackageName and ModelPackageGroupName are provided in the input. "
        "Cannot determine which one to use."
    )
    return validation(message)


def package_unnamed() -> AwsError:
    """Return the answer to a package with neither a name nor a group."""
    return validation("Missing ARN.")


def only_of_versions(member: str) -> AwsError:
    """Return the answer to an unversioned package with a member of versioned ones."""
    message = f"{member} applies only to model packages of a model package group"
    return validation(message)


def version_tags() -> AwsError:
    """Return the answer to tags of a version: it has those of its group."""
    message = (
        "Tags cannot be given to a versioned model package: it uses the tags of its "
        "model package group"
    )
    return validation(message)


def package_not_approved(arn: str, status: str) -> AwsError:
    """Return the answer to a model of a version that must not be deployed."""
    message = (
        f"Cannot create a model from model package {arn}: its ModelApprovalStatus is "
        f"{status}, and must be Approved"
    )
    return validation(message)


def not_versioned(arn: str) -> AwsError:
    """Return the answer to an update of a package that belongs to no group."""
    message = f"ModelPackage {arn} belongs to no model package group: only a version "
    return validation(f"{message}of a group can be updated")


def too_many_specifications(most: int) -> AwsError:
    """Return the answer to one inference specification more than a package can have."""
    message = f"A model package has at most {most} additional inference specifications"
    return validation(message)


def no_such_specification(name: str, arn: str) -> AwsError:
    """Return the answer to an inference specification that a package has not."""
    return validation(f"ModelPackage {arn} has no inference specification '{name}'.")


def client_token_used() -> AwsError:
    """Return the answer to a token that came with another request before."""
    message = "The ClientToken was used before, with other parameters"
    return AwsError(CONFLICT, message)
