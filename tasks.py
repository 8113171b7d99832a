"""Slipway's commands: `invoke --list` shows them, `invoke --help <name>` teaches one."""

from slipway.tasks import namespace as namespace
