from slipway.sagemaker.alarms import Alarms

OWNER = {"slipway:model": "churn"}


class CloudWatch(Alarms):
    """Two alarms of two owners; the calls that were made."""

    def __init__(self):
        super().__init__(None)
        self.made, self.owners = [], {"a": "churn", "b": "fraud"}

    def _call(self, operation, payload):
        self.made.append((operation, payload))
        if operation == "ListTagsForResource":
            owner = self.owners[payload["ResourceARN"]]
            return {"Tags": [{"Key": "slipway:model", "Value": owner}]}
        names = [name for name in payload["AlarmNames"] if name in self.owners]
        return {"MetricAlarms": [{"AlarmName": n, "AlarmArn": n} for n in names]}


def test_only_the_owners_alarms_are_deleted():
    cloudwatch = CloudWatch()

    cloudwatch.delete(["a", "b", "gone"], OWNER)
    cloudwatch.delete(["b"], OWNER)

    deletes = [given for operation, given in cloudwatch.made if "Delete" in operation]
    assert deletes == [{"AlarmNames": ["a"]}]
