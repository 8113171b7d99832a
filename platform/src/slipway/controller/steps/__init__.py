"""The steps of a run, a module each, and the order they are taken in."""
