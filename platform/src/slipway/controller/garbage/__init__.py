"""What is not needed any more: retired by tombstones, found by reference, collected."""
