"""What a process gives up for good before it looks at a program."""

from harmonie_daemon.compose.musicpy_code.jail.shutting import JailError, shut

__all__ = ["JailError", "shut"]
