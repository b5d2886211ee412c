"""Instruments that General MIDI has not, computed."""

from harmonie_daemon.compose.voices.tabla import TABLA_RELEASE_S, strike_tabla
from harmonie_daemon.compose.voices.tanpura import TANPURA_RELEASE_S, pluck_tanpura

__all__ = ["TABLA_RELEASE_S", "TANPURA_RELEASE_S", "pluck_tanpura", "strike_tabla"]
