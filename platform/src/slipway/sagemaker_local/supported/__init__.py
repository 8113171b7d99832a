"""What of SageMaker's API the local server supports: tables, and the check by them."""
