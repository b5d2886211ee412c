"""Accompaniments of many more styles, to fit with: made by Debian's ``mma`` at tempi we give them.

The tempi of a style are what it is usually played at; the package holds no tempi.
"""

from __future__ import annotations

import random
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

USUAL = """
50srock 120 170, 60srock 110 150, 8beat 90 130, afro-cuban 100 140, ballad 62 90, basicrock 100 150,
bebop 160 220, beguine 100 130, bigband 120 180, bluefolk 90 130, bluegrass 100 140, blues 90 130,
boggiewoggie 130 180, bolero 80 110, boneym 115 130, bossanova 112 150, broadway 100 140,
broadwaywaltz 100 160, bubblerock 110 150, bvfunk 92 115, bwmarch 105 125, calypso 100 130,
chacha 110 130, charleston 170 220, countryblues 90 130, countryswing 110 160, countrywaltz 90 140,
cubanguitar 100 140, descendingjazz 100 150, desert 90 120, dixie 150 210, dixiemarch 105 125,
dsoul 85 115, easyswing 100 140, fastblues 140 190, fastjazzwaltz 150 200, fastswing 170 220,
fastwaltz 150 190, folk 90 130, folkballad 70 95, folkrock 100 140, folkyjazz 100 150,
foxtrot 115 135, frenchwaltz 150 190, guitarballad 65 90, gypsyjazz 140 210, hillcountry 100 140,
hymn 70 100, jazzcombo 110 170, jazzguitar 100 160, jazzrhumba 100 130, jazzrock 100 140,
jazzwaltz 120 180, jive 150 180, latinwaltz 110 170, lfusion 95 130, lighttango 110 130,
lullaby 60 85, mambo 90 115, march 105 125, mellowjazz 90 130, merengue 120 150,
modernjazz 120 190, modernjazzwaltz 120 180, nitejazz 80 120, pianoballad 60 85, polka 105 130,
popballad 65 95, popspiritual 80 120, quickstep 180 208, ragtime 85 115, rb-ballad 62 88,
rb 85 115, rhumba 95 115, rockballad 65 95, rockwaltz 100 160, salsa 85 115, samba 95 115,
showtune 110 160, shuffleboggie 120 170, ska 120 160, slowblues 60 80, slowbolero 65 90,
slowbroadway 70 95, slowcountry 70 100, slowjazz 65 95, slowspiritual 65 90, softrock 90 120,
softshoe 100 130, son 85 110, spiritual 90 130, stringballad 60 85, strut 100 130, swing 120 180,
tango 110 132, trance 130 145, twist 140 170, vienesewaltz 168 190, waltz 86 140,
westernswing 120 180, zydeco 110 140
"""
"""Style, slowest and fastest."""
PROGRESSIONS = ("C Am F G", "Am F C G", "C C F G7", "Dm G7 C A7")
SECONDS = 50
FIRST_GROOVES = 4
"""A style's first grooves are the plain ones; intros and endings come later."""


def accompaniments(mma: Path, folder: Path) -> Iterator[tuple[str, float, Path]]:
    """Name, tempo and MIDI file of each, made in a folder; ``mma`` is its ``share/mma``."""
    choices = random.Random(2)
    for line in USUAL.replace("\n", " ").split(","):
        style, slowest, fastest = line.split()
        text = (mma / "lib" / "stdlib" / f"{style}.mma").read_text(errors="replace")
        grooves = re.findall(r"^\s*DefGroove\s+(\S+)", text, re.MULTILINE)[:FIRST_GROOVES]
        metre = re.search(r"^\s*Time\s+(\d+)", text, re.MULTILINE)
        groove, bpm = choices.choice(grooves), choices.randint(int(slowest), int(fastest))
        bars = max(16, int(SECONDS * bpm / 60 / int(metre[1] if metre else 4)))
        chords = " ".join(choices.choices(PROGRESSIONS, k=8)).split()
        source = folder / f"{style}.mma"
        source.write_text(_program(bpm, style, groove, bars, chords))
        yield style, float(bpm), _played(mma, source)


def _program(bpm: int, style: str, groove: str, bars: int, chords: list[str]) -> str:
    lines = [f"{bar + 1} {chords[bar % len(chords)]}" for bar in range(bars)]
    return "\n".join([f"Tempo {bpm}", f"Use {style}", f"Groove {groove}", *lines, ""])


def _played(mma: Path, source: Path) -> Path:
    target = source.with_suffix(".mid")
    command = [sys.executable, str(mma / "mma.py"), "-f", str(target), str(source)]
    subprocess.run(command, cwd=mma, check=True, stdout=subprocess.DEVNULL)
    return target
