"""What each status of SageMaker means: total tables, tested against botocore's enums."""

from enum import StrEnum


class Meaning(StrEnum):
    """What a status tells somebody who waits."""

    #: Nothing is decided yet: look again.
    IN_PROGRESS = "in_progress"
    #: It ended as asked.
    SUCCEEDED = "succeeded"
    #: It ended otherwise, and says why.
    FAILED = "failed"
    #: Somebody or a time limit stopped it. It does not go on by itself.
    STOPPED = "stopped"


PROCESSING_JOB = {
    "InProgress": Meaning.IN_PROGRESS,
    "Completed": Meaning.SUCCEEDED,
    "Failed": Meaning.FAILED,
    "Stopping": Meaning.IN_PROGRESS,
    "Stopped": Meaning.STOPPED,
}

#: A deleted job is described for a while; the work is gone.
TRAINING_JOB = PROCESSING_JOB | {"Deleting": Meaning.STOPPED}

TRANSFORM_JOB = PROCESSING_JOB

#: `InService` alone does not tell which config is served: an update that SageMaker
#: rolled back ends so too. The controller compares the config's name as well.
ENDPOINT = {
    "Creating": Meaning.IN_PROGRESS,
    "Updating": Meaning.IN_PROGRESS,
    "SystemUpdating": Meaning.IN_PROGRESS,
    "RollingBack": Meaning.IN_PROGRESS,
    "InService": Meaning.SUCCEEDED,
    "Deleting": Meaning.IN_PROGRESS,
    "OutOfService": Meaning.FAILED,
    "Failed": Meaning.FAILED,
    "UpdateRollbackFailed": Meaning.FAILED,
}
