"""SoundFonts (SF2, SF3): what is in one, and what a key of it sounds like."""

from harmonie_daemon.compose.soundfont.file import SoundFont
from harmonie_daemon.compose.soundfont.tone import Tone, play_tone, release_of

__all__ = ["SoundFont", "Tone", "play_tone", "release_of"]
