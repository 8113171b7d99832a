"""What runs the containers: a Docker daemon, or processes of this machine."""
