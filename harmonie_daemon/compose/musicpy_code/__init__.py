"""Programs in a dialect of musicpy, worked through step by step in a jailed process."""

from harmonie_daemon.compose.musicpy_code.studio import CodeStudio, EvaluatedCode

__all__ = ["CodeStudio", "EvaluatedCode"]
