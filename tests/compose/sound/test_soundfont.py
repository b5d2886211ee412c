"""Reading SoundFonts: what is none is refused, what is damaged is bounded, SF3 is read."""

from __future__ import annotations

import io
import random
import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile

from harmonie_daemon.compose.renderer import checked_soundfont, usual_soundfont
from harmonie_daemon.compose.soundfont import SoundFont, play_tone
from harmonie_daemon.compose.soundfont.tone import SAMPLE_RATE
from harmonie_daemon.domain.errors import ConfigurationError, SoundFontError
from tests.compose.sound.heard import font

G_KEYS, G_INSTRUMENT, G_SAMPLE, G_MODES, G_FILTER, G_PAN = 43, 41, 53, 54, 8, 17


def chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def made_font(frames: np.ndarray, *, compressed: bool = False, generators: bytes = b"") -> bytes:
    """One preset (program 0) of one instrument of one sample, looped as a whole; root key 69."""
    if compressed:
        buffer = io.BytesIO()
        soundfile.write(buffer, frames, 44_100, format="OGG", subtype="VORBIS")
        smpl, kind = buffer.getvalue(), 0x11
        end = len(smpl)
    else:
        smpl, kind = (frames * 32_767).astype("<i2").tobytes(), 1
        end = len(frames)
    pair = struct.pack
    name = b"tone".ljust(20, b"\0")
    played = generators + pair("<Hh", G_MODES, 1) + pair("<Hh", G_SAMPLE, 0)
    count = len(played) // 4
    pdta = b"".join(
        (
            chunk(b"phdr", name + pair("<HHHIII", 0, 0, 0, 0, 0, 0) + name
                  + pair("<HHHIII", 0, 0, 1, 0, 0, 0)),
            chunk(b"pbag", pair("<HHHH", 0, 0, 1, 0)),
            chunk(b"pmod", b"\0" * 10),
            chunk(b"pgen", pair("<Hh", G_INSTRUMENT, 0) + b"\0" * 4),
            chunk(b"inst", name + pair("<H", 0) + name + pair("<H", 1)),
            chunk(b"ibag", pair("<HHHH", 0, 0, count, 0)),
            chunk(b"imod", b"\0" * 10),
            chunk(b"igen", played + b"\0" * 4),
            chunk(b"shdr", name + pair("<IIIIIBbHH", 0, end, 0, len(frames), 44_100, 69, 0, 0, kind)
                  + b"\0" * 46),
        )
    )  # fmt: skip
    body = b"sfbk" + chunk(b"LIST", b"INFO") + chunk(b"LIST", b"sdta" + chunk(b"smpl", smpl))
    return chunk(b"RIFF", body + chunk(b"LIST", b"pdta" + pdta))


def cycle() -> np.ndarray:
    """A whole number of periods of 441 hertz."""
    return (0.5 * np.sin(2 * np.pi * np.arange(4_400) / 100)).astype(np.float32)


def opened(raw: bytes, folder: Path) -> SoundFont:
    path = folder / "some.sf2"
    path.write_bytes(raw)
    return SoundFont.open(path)


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize(("key", "hertz"), [(69, 441.0), (81, 882.0), (62, 294.3)])
def test_a_sample_is_looped_and_transposed(
    key: int, hertz: float, *, compressed: bool, tmp_path: Path
) -> None:
    made = opened(made_font(cycle(), compressed=compressed), tmp_path)
    tone = play_tone(made, made.zones(0, is_drums=False), key, 127, SAMPLE_RATE)
    spectrum = np.abs(np.fft.rfft(tone.sound[:, 0]))
    assert np.argmax(spectrum) == pytest.approx(hertz, abs=1)
    assert not tone.rings_out


def test_ranges_and_pan_of_a_zone_are_kept(tmp_path: Path) -> None:
    about = struct.pack("<HBB", G_KEYS, 60, 72) + struct.pack("<Hh", G_PAN, -500)
    made = opened(made_font(cycle(), generators=about), tmp_path)
    zones = made.zones(0, is_drums=False)
    inside, outside = (play_tone(made, zones, key, 100, 4_410).sound for key in (60, 59))
    assert len(outside) == 0
    assert np.abs(inside[:, 0]).max() > 100 * np.abs(inside[:, 1]).max()


def test_a_filter_takes_what_is_above_it(tmp_path: Path) -> None:
    closed = struct.pack("<Hh", G_FILTER, 4_500)  # 110 hertz
    levels = []
    for number, about in enumerate((b"", closed)):
        folder = tmp_path / str(number)
        folder.mkdir()
        made = opened(made_font(cycle(), generators=about), folder)
        tone = play_tone(made, made.zones(0, is_drums=False), 81, 127, SAMPLE_RATE)
        levels.append(np.abs(tone.sound).mean())
    assert levels[1] < levels[0] / 20


def test_programs_that_a_font_has_not_are_played_by_their_kin_or_nobody(tmp_path: Path) -> None:
    made = opened(made_font(cycle()), tmp_path)
    assert made.zones(77, is_drums=False) == made.zones(0, is_drums=False)
    nobody = made.zones(0, is_drums=True)
    assert nobody == ()
    assert len(play_tone(made, nobody, 60, 100, 100).sound) == 0


def test_every_program_and_drum_of_the_usual_font_sounds() -> None:
    usual = font()
    for program in range(128):
        tone = play_tone(usual, usual.zones(program, is_drums=False), 60, 100, 8_820)
        assert np.abs(tone.sound).max() > 1e-3, program
        assert np.isfinite(tone.sound).all()
    for drum in (36, 38, 39, 42, 46, 49, 51):
        tone = play_tone(usual, usual.zones(0, is_drums=True), drum, 100, 8_820)
        assert np.abs(tone.sound).max() > 1e-3, drum


@pytest.mark.parametrize(
    "raw", [b"", b"RIFF", b"MThd" + b"\0" * 100, b"RIFF\x04\0\0\0WAVE", b"\0" * 4_096]
)
def test_what_is_no_soundfont_is_refused_by_name(raw: bytes, tmp_path: Path) -> None:
    path = tmp_path / "song.sf2"
    path.write_bytes(raw)
    with pytest.raises(ConfigurationError, match=rf"compose\.soundfont: {path} is no SoundFont"):
        checked_soundfont(path)
    with pytest.raises(SoundFontError, match=r"song\.sf2"):
        SoundFont.open(path)


def test_a_soundfont_that_is_not_there_or_is_damaged_is_refused_at_the_start(
    tmp_path: Path,
) -> None:
    with pytest.raises(ConfigurationError, match=r"cannot be read: No such file"):
        checked_soundfont(tmp_path / "none.sf2")
    torn = tmp_path / "torn.sf2"
    torn.write_bytes(usual_soundfont().read_bytes()[:4_000_000])
    with pytest.raises(ConfigurationError, match=r"torn\.sf2 is a damaged SoundFont"):
        checked_soundfont(torn)


def test_damage_anywhere_is_an_error_or_a_sound_within_bounds(tmp_path: Path) -> None:
    whole = made_font(cycle())
    chance = random.Random(3)
    for _ in range(300):
        raw = bytearray(whole)
        for _ in range(chance.randrange(1, 6)):
            raw[
                chance.randrange(12, len(raw))
                if chance.random() < 0.2
                else -chance.randrange(1, 500)
            ] = chance.randrange(256)
        try:
            made = opened(bytes(raw), tmp_path)
        except SoundFontError:
            continue
        for drums in (False, True):
            tone = play_tone(made, made.zones(0, is_drums=drums), 69, 100, 2_000)
            assert len(tone.sound) <= 2_000
