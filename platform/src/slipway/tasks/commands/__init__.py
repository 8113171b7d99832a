"""The commands' names, options and help.

Each body imports what it calls, so that `invoke --list` and `--help` load no SDK.
"""
