"""A deployment on its way: the shift of traffic, watched, verified, or taken back."""
