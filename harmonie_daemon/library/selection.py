"""Which names below a library root count: audio, not hidden, not excluded."""

from __future__ import annotations

import os.path
import re
from collections.abc import Sequence

from pathspec import GitIgnoreSpec

from harmonie_daemon.domain.errors import ConfigurationError

# fmt: off
AUDIO_EXTENSIONS = frozenset({
    "mp3", "mp2", "mpga", "flac", "ogg", "oga", "opus", "spx", "m4a", "m4b", "m4r", "mp4a", "aac",
    "alac", "caf", "wma", "asf", "wav", "wave", "w64", "bwf", "rf64", "aif", "aiff", "aifc", "au",
    "snd", "wv", "ape", "mpc", "mp+", "mpp", "tta", "tak", "shn", "mka", "weba", "webm", "dsf",
    "dff", "ac3", "eac3", "dts", "mlp", "thd", "ra",
})
# fmt: on
"""Endings, lower case and without the dot, of the audio containers home libraries hold.

All of them have a demuxer in FFmpeg. Video containers are left out but for ``webm``, in which
download tools leave bare Opus streams; what turns out to hold no sound becomes a failure.
"""

SYSTEM_FOLDERS = frozenset(
    {
        "#recycle",  # Synology's bin: deleted music must not come back
        "#snapshot",
        "@eadir",  # Synology's thumbnails and indexes
        "@recycle",  # QNAP
        "@recently-snapshot",
        "$recycle.bin",
        "recycler",
        "system volume information",
        "lost+found",
    }
)
"""Folders, lower case, that file servers put beside the music; hidden like dot folders."""


def is_hidden(name: str) -> bool:
    """Whether a file or folder of this bare name is left out without being asked to."""
    return name.startswith(".") or name.lower() in SYSTEM_FOLDERS


def is_audio(name: str) -> bool:
    """Whether the ending says that this is an audio file."""
    return os.path.splitext(name)[1][1:].lower() in AUDIO_EXTENSIONS  # noqa: PTH122 - str


class Selection:
    """What to leave out below one root.

    The patterns follow the grammar of ``.gitignore`` (gitignore(5)): without a slash a pattern
    matches a file's or folder's bare name anywhere (``*.wav``, ``Audiobooks``); with a slash it is
    matched on the path relative to the root (``Podcasts/**/*.mp3``, ``/Samples``); ``**`` spans
    folders; a trailing slash means folders only; ``!`` takes a later exception, though not from
    inside a folder that is left out. Upper and lower case differ. Two things are added: ``#`` is an
    ordinary character, and a pattern that starts with the root's own absolute path means the place
    below it.

    :raises ConfigurationError: a pattern does not follow the grammar.
    """

    def __init__(self, root: str, exclude: Sequence[str]) -> None:
        self._spec = GitIgnoreSpec.from_lines(())
        for pattern in exclude:
            try:
                self._spec += GitIgnoreSpec.from_lines([_anchored(pattern, root)])
            except (ValueError, re.error) as error:
                message = f"exclude: {pattern!r} is not a pattern of the .gitignore grammar"
                raise ConfigurationError(message) from error

    def excludes(self, relative_path: str, *, folder: bool) -> bool:
        """Whether a pattern matches this file or folder itself; its parents are not looked at."""
        return self._spec.match_file(f"{relative_path}/" if folder else relative_path)

    def admits(self, relative_path: str, *, folder: bool) -> bool:
        """Whether a walk from the root gets to this path: no part of it is hidden or excluded."""
        parts = [part for part in relative_path.split("/") if part]
        if any(is_hidden(part) for part in parts):
            return False
        ends = range(1, len(parts) + 1)
        return not any(
            self.excludes("/".join(parts[:end]), folder=folder or end < len(parts)) for end in ends
        )


def _anchored(pattern: str, root: str) -> str:
    sign = "!" if pattern.startswith("!") else ""
    body = pattern.removeprefix("!")
    if body.startswith(root.rstrip("/") + "/") and root != "/":
        body = body[len(root) :]
    return sign + ("\\" + body if body.startswith("#") else body)
