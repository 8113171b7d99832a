"""CloudWatch of the local server: metrics, and alarms that are evaluated."""
