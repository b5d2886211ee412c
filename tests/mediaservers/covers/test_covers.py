"""Covers: what sounds alike looks alike, titles can be read, and nothing takes long."""

from __future__ import annotations

import hashlib
import io
import os
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, features
from scipy.stats import spearmanr

from harmonie_daemon.mediaservers.covers import (
    CoverRequest,
    Glyph,
    coordinates,
    cover_hash,
    draw,
    drawing,
    field,
    fonts,
)
from harmonie_daemon.mediaservers.covers.lettering import (
    ELLIPSIS,
    LONGEST_TITLE,
    laid_out,
    lettering,
    readable,
)
from harmonie_daemon.mediaservers.covers.palette import palette

Floats = npt.NDArray[np.float32]
ORIGIN = coordinates(np.zeros((0, 316), np.float32))
HARD_TITLES = {
    "accents": "Señorita Núñez à l'Œuvre",
    "greek": "Ρεμπέτικα της Αθήνας",
    "cyrillic": "Ночные огни Петербурга",
    "cjk": "東京の夜、雨の音楽",
    "long": "A title of very many words that go on and on " * 5,
    "arabic": "أغاني الليل الطويل",
    "hebrew": "שירים לשבת בבוקר 2024",
    "control": "Con\x07trol\u202e chars\u200b \x1b[31m",
    "emoji": "Party 🎉 Time 🎶",
    "one word": "Donaudampfschifffahrtsgesellschaftskapitän",
    "empty": "",
    "mixed": "mIxEd CaSe",
    "numerals": "1977 · 808 × 909",
}


def lists_of(seed: int, *, count: int = 40, dim: int = 316) -> list[Floats]:
    """Playlists around centres that lie between a few styles: unit vectors, as embeddings are."""
    chance = np.random.default_rng(seed)
    styles = chance.normal(size=(6, dim))
    centres = chance.dirichlet(np.full(6, 0.5), count) @ styles
    found = centres[:, None] + chance.normal(size=(count, 20, dim)) * 0.5
    return list((found / np.linalg.norm(found, axis=2, keepdims=True)).astype(np.float32))


def colour_distances(lists: list[Floats]) -> tuple[Floats, Floats]:
    """For each pair of playlists how far their sounds and their covers are from each other.

    One less the cosine of the means, and the mean distance of the fields in OKLab.
    """
    means = np.stack([one.mean(axis=0) for one in lists])
    means /= np.linalg.norm(means, axis=1, keepdims=True)
    fields = [field.oklab(palette(coordinates(one)), 16, 16) for one in lists]
    a, b = np.triu_indices(len(lists), 1)
    apart = [
        np.linalg.norm(fields[i] - fields[j], axis=-1).mean() for i, j in zip(a, b, strict=True)
    ]
    return 1 - np.sum(means[a] * means[b], axis=1), np.array(apart, np.float32)


def test_what_sounds_alike_looks_alike() -> None:
    """Ranks of distances agree, from one made-up library to the next; 0 would be chance."""
    agreements = []
    for seed in range(8):
        sound, colour = colour_distances(lists_of(seed))
        agreements.append(spearmanr(sound, colour).statistic)
        order = np.argsort(sound)
        tenth = len(order) // 10
        assert colour[order[:tenth]].mean() < 0.6 * colour[order[-tenth:]].mean()
    assert np.mean(agreements) > 0.5
    assert min(agreements) > 0.35


def test_colours_that_follow_from_nothing_but_chance_would_not() -> None:
    """The measure tells: the colours of other playlists have nothing to do with these sounds."""
    sound, _ = colour_distances(lists_of(1))
    _, colour = colour_distances(lists_of(2))
    assert abs(spearmanr(sound, colour).statistic) < 0.2


def test_a_track_more_or_less_changes_little() -> None:
    (one, other, *_) = lists_of(3)
    before = field.oklab(palette(coordinates(one)), 16, 16)
    after = field.oklab(palette(coordinates(one[1:])), 16, 16)
    another = field.oklab(palette(coordinates(other)), 16, 16)
    step = np.linalg.norm(after - before, axis=-1).mean()
    assert step < 0.25 * np.linalg.norm(another - before, axis=-1).mean()


def test_colours_are_not_known_without_vectors_and_there_are_some_all_the_same() -> None:
    assert set(ORIGIN) == {0.0}
    opposite = np.array([[1.0, 0.0], [-1.0, 0.0]], np.float32)
    assert coordinates(opposite) == (0.0,) * len(ORIGIN)
    assert drawing.draw_square(CoverRequest("x", ORIGIN)).size == (1024, 1024)


@pytest.mark.parametrize("kind", HARD_TITLES)
def test_what_is_behind_a_title_leaves_it_readable(kind: str) -> None:
    """Contrast of 4.5 to 1 and more wherever a letter stands, as a viewer of the file sees it."""
    if lettering(HARD_TITLES[kind]) is None:
        pytest.skip("no title is written here")
    for seed, vectors in enumerate(lists_of(4, count=2)):
        request = CoverRequest(HARD_TITLES[kind], coordinates(vectors))
        seen = Image.open(io.BytesIO(drawing._packed(drawing.draw_square(request))))
        bare = Image.open(io.BytesIO(drawing._packed(drawing.behind_title(request)[0])))
        lettered = np.asarray(seen.convert("L"), np.int16) - np.asarray(bare.convert("L"), np.int16)
        inked = lettered > 60
        assert inked.any(), seed
        rgb = (np.asarray(bare, np.float32) / 255)[inked]
        linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
        assert field.contrast_with_white(linear.astype(np.float32)).min() >= 4.5


def test_a_cover_is_the_same_for_the_same_and_another_for_anything_else() -> None:
    vectors = lists_of(5, count=2)
    one = CoverRequest("Rain", coordinates(vectors[0]))
    assert draw(one) == draw(one)
    others = [
        CoverRequest("Rain again", one.at),
        CoverRequest("Rain", coordinates(vectors[1])),
        CoverRequest("Rain", one.at, Glyph.LOOP),
    ]
    assert len({cover_hash(request) for request in (one, *others)}) == 4
    assert len({draw(request).square for request in (one, *others)}) == 4
    assert cover_hash(one) == cover_hash(CoverRequest("Ra\u200bin", one.at))


@pytest.mark.parametrize("kind", ["long", "arabic", "empty"])
def test_pictures_have_their_sizes_and_are_small(kind: str) -> None:
    cover = draw(CoverRequest(HARD_TITLES[kind], coordinates(lists_of(6, count=1)[0])))
    for packed, size in ((cover.square, (1024, 1024)), (cover.backdrop, (1920, 1080))):
        with Image.open(io.BytesIO(packed)) as picture:
            assert (picture.size, picture.format, picture.mode) == (size, "JPEG", "RGB")
        assert len(packed) < 300_000


def test_drawing_takes_bounded_memory_whatever_the_title() -> None:
    draw(CoverRequest("warm", ORIGIN))
    tracemalloc.start()
    long = "W\u0301\u0302\u0303\u0304" * 1_000_000
    tracemalloc.reset_peak()
    before, _ = tracemalloc.get_traced_memory()
    assert len(readable(long)) <= LONGEST_TITLE
    assert tracemalloc.get_traced_memory()[1] - before < 2**20
    draw(CoverRequest(long, ORIGIN))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 200 * 2**20


@pytest.mark.parametrize("kind", HARD_TITLES)
def test_titles_stay_inside_the_picture(kind: str) -> None:
    words = lettering(HARD_TITLES[kind])
    if words is None:
        pytest.skip("no title is written here")
    width, height = round(1024 * (1 - 2 * 0.078)), round(1024 * 0.64)
    lines = laid_out(words, width, height, 1.0)
    assert all(sum(run.width(lines.size) for run in line) <= width + 1 for line in lines.lines)
    assert lines.leading * len(lines.lines) <= height
    assert lines.size >= 54


def test_long_titles_end_in_an_ellipsis_and_long_words_in_hyphens() -> None:
    long = readable(HARD_TITLES["long"])
    assert (len(long), long[-1]) == (LONGEST_TITLE, ELLIPSIS)
    words = lettering("W" * 190)
    assert words is not None
    texts = [line[0].text for line in laid_out(words, 864, 655, 1.0).lines]
    assert all(text.endswith("-") for text in texts[:-1])
    assert texts[-1].endswith(ELLIPSIS)


def test_what_is_not_seen_is_left_out() -> None:
    assert readable(HARD_TITLES["control"]) == "Control chars [31m"
    assert readable(" \t\n\u2028 ") == ""
    assert readable("e\u0301" + "\u0301" * 50) == "é" + "\u0301" * 3
    assert readable("\ud800x\ue000") == "x"
    assert lettering("\x00\u200b") is None


def test_rather_no_title_than_boxes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """On a machine without further fonts."""
    use_fonts(monkeypatch, tmp_path, [])
    for title in ("東京の夜", "Tokyo 東京", "ทดสอบ"):
        assert lettering(title) is None
    party = lettering("Party 🎉 Time 🎶")
    assert party is not None
    assert party.text == "Party Time"
    assert lettering("🎉🎶") is None
    bare = drawing.draw_square(CoverRequest("東京の夜", ORIGIN))
    assert bare.tobytes() == drawing.draw_square(CoverRequest("", ORIGIN)).tobytes()


def test_fonts_of_the_system_are_found_by_letters(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    use_fonts(monkeypatch, tmp_path, [fonts.OWN.parent])
    assert fonts.system_face("Ωж") == fonts.FontFace(str(fonts.OWN))
    assert fonts.system_face("Ωж東") is None
    assert fonts.system_face([chr(letter) for letter in range(0x4E00, 0x4F00)]) is None


def test_fontconfig_that_hangs_or_is_missing_is_done_without(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    slow = tmp_path / "fc-list"
    answer = rf"{fonts.OWN}\t0\t200\t0\tTrue\tFalse\tFalse\n"
    slow.write_text(f"#!/bin/sh\nsleep 3\nprintf '{answer}'\n")
    slow.chmod(0o755)
    monkeypatch.setattr(fonts, "TIMEOUT_S", 0.2)
    for path in (f"{tmp_path}:{os.environ['PATH']}", str(tmp_path / "nothing")):
        fonts._system_face.cache_clear()
        monkeypatch.setenv("PATH", path)
        assert lettering("東京") is None
    fonts._system_face.cache_clear()


def test_the_fonts_of_the_system_are_put_beside_our_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """With a font for Chinese, Japanese and Korean, where the machine has one."""
    named = os.environ.get("HARMONIE_TEST_CJK_FONTS")
    if named is not None:
        use_fonts(monkeypatch, tmp_path, [Path(named)])
    words = lettering("東京 · Ночь")
    if words is None:
        pytest.skip("no font here has these letters; HARMONIE_TEST_CJK_FONTS names a folder")
    lines = laid_out(words, 864, 655, 1.0)
    assert len({run.face for line in lines.lines for run in line}) == (1 if words.is_whole else 2)
    empty = drawing.draw_square(CoverRequest("", ORIGIN)).tobytes()
    assert drawing.draw_square(CoverRequest("東京 · Ночь", ORIGIN)).tobytes() != empty


@pytest.mark.skipif(not features.check("raqm"), reason="Pillow has no raqm here")
def test_arabic_is_joined_and_begins_at_the_right() -> None:
    words = lettering("سلام")
    assert words is not None
    lines = laid_out(words, 864, 655, 1.0)
    assert lines.is_from_right
    (run,) = lines.lines[0]
    apart = sum(words.width(letter, lines.size) for letter in "سلام")
    assert run.width(lines.size) < 0.9 * apart
    picture = drawing.draw_square(CoverRequest("سلام", ORIGIN)).convert("L")
    bright = np.asarray(picture)[700:] > 240
    assert bright[:, 512:].sum() > 0 == bright[:, :300].sum()


def test_without_shaping_what_needs_it_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """Letters side by side, or from the left, would be wrong."""
    monkeypatch.setattr(features, "check", lambda feature: feature != "raqm")
    assert lettering("سلام") is None
    assert lettering("שלום") is None
    assert lettering("Ночь") is not None


def test_the_font_is_the_published_one() -> None:
    folder = fonts.OWN.parent
    assert (folder / "VERSION").read_text().split()[0] == "dejavu-fonts-ttf"
    for line in (folder / "SHA256SUMS").read_text().splitlines():
        digest, name = line.split()
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    assert all(map(fonts.is_own, "AzÆßŁőΩжשس…·×"))
    assert not fonts.is_own("東")


def use_fonts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, folders: list[Path]) -> None:
    """Let fontconfig know these folders only."""
    known = "".join(f"<dir>{folder}</dir>" for folder in folders)
    config = tmp_path / "fonts.conf"
    config.write_text(f"<fontconfig>{known}<cachedir>{tmp_path}/cache</cachedir></fontconfig>")
    monkeypatch.setenv("FONTCONFIG_FILE", str(config))
    fonts._system_face.cache_clear()


@pytest.fixture(autouse=True)
def forgetting() -> Iterator[None]:
    """Another test has other fonts."""
    yield
    fonts._system_face.cache_clear()
