"""CloudWatch's operations, each a function of the state, the region and the request."""
