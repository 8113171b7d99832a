"""What CloudWatch's clients send and get, in each of its three protocols."""
