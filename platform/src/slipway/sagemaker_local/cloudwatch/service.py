"""CloudWatch of the local server, put together."""

from dataclasses import dataclass
from pathlib import Path

from slipway.sagemaker_local.cloudwatch.alarm_store import AlarmStore
from slipway.sagemaker_local.cloudwatch.database import Database
from slipway.sagemaker_local.cloudwatch.metric_store import MetricStore
from slipway.sagemaker_local.cloudwatch.watch import Watch


@dataclass(frozen=True)
class CloudWatch:
    """All that its operations work on."""

    metrics: MetricStore
    alarms: AlarmStore
    watch: Watch
    database: Database

    def close(self) -> None:
        """Write down what is pending, end, and close the file."""
        self.watch.close()
        self.database.close()


def opened(path: Path) -> CloudWatch:
    """Open the state of CloudWatch; it evaluates nothing until `watch` is started."""
    database = Database(path)
    metrics, alarms = MetricStore(database), AlarmStore(database)
    return CloudWatch(metrics, alarms, Watch(metrics, alarms), database)
