"""SageMaker's operations, one function each, by resource."""
