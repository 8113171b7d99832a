"""CloudWatch's log groups of jobs and endpoints, kept as files."""
