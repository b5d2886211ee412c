"""What names of playlists ask for, and which tracks of a list are its owner's seeds."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harmonie_daemon.playlists.prefixes import (
    LONGEST_LABEL,
    PlaylistWish,
    PrefixKind,
    seeds_of,
    weights,
    wish_of,
)

RADIO, DRIFT, MIX = PrefixKind.RADIO, PrefixKind.DRIFT, PrefixKind.MIX
STYLE, GENRE = PrefixKind.STYLE, PrefixKind.GENRE


@pytest.mark.parametrize(
    ("name", "wish"),
    [
        ("[RADIO] Sunday", PlaylistWish(RADIO, "Sunday", 20)),
        ("[radio]", PlaylistWish(RADIO, "", 20)),
        ("  [ Radio  N=30 ]  Sunday   morning ", PlaylistWish(RADIO, "Sunday morning", 30)),
        ("[RADIO n=500 variation=0.5] x", PlaylistWish(RADIO, "x", 500, variation=0.5)),
        ("[DRIFT n=1] x", PlaylistWish(DRIFT, "x", 1)),
        ("[MIX] week", PlaylistWish(MIX, "week", 20)),
        ("[MIX days=30 top=3 n=40] x", PlaylistWish(MIX, "x", 40, days=30, top=3)),
        ("[MIX TOP drift] x", PlaylistWish(MIX, "x", 20, top=10, drift=True)),
        ("[STYLE] Deep House", PlaylistWish(STYLE, "Deep House", 100)),
        ("[STYLE style_min=0.25 n=7] Bop", PlaylistWish(STYLE, "Bop", 7, style_min=0.25)),
        ("[GENRE style_min=1] Jazz", PlaylistWish(GENRE, "Jazz", 100, style_min=1.0)),
        ("[RADIO] a [b] ]c", PlaylistWish(RADIO, "a [b] ]c", 20)),
    ],
)
def test_a_name_says_what_is_wished_for(name: str, wish: PlaylistWish) -> None:
    assert wish_of(name) == wish


@pytest.mark.parametrize(
    "name",
    ["", "Radio", "RADIO x", "[RADIO", "[RADIOS] x", "[] x", "[ ] x", "x [RADIO]", "(RADIO) x",
     "[[RADIO]] x", "[RADIO\u200b] x", "[STYLE] ", "[GENRE]", "[n=3] x"],
)  # fmt: skip
def test_other_names_are_names(name: str) -> None:
    assert wish_of(name) is None


@pytest.mark.parametrize(
    "word",
    ["n=0", "n=501", "n=-3", "n=", "n", "n=3.0", "n=²", "n=1e2", "n=" + "9" * 5000, "=", "==", "=5",
     "days=3", "top", "drift", "style_min=0.3", "whatever", "n=20=20", "variation=nan",
     "variation=1.1", "variation=-0.1", "variation=inf", "variation=" + "1" * 100, "variation"],
)  # fmt: skip
def test_words_that_mean_nothing_in_a_radio_are_not_there(word: str) -> None:
    assert wish_of(f"[RADIO {word[:150]}] x") == PlaylistWish(RADIO, "x", 20)


@pytest.mark.parametrize("word", ["days=0", "days=366", "top=0", "top=101", "top=x", "drift=1"])
def test_words_of_a_mix_have_bounds(word: str) -> None:
    assert wish_of(f"[MIX {word}] x") == PlaylistWish(MIX, "x", 20)


def test_the_last_of_two_words_counts() -> None:
    assert wish_of("[RADIO n=5 n=7 n=9999] x") == PlaylistWish(RADIO, "x", 7)


@pytest.mark.parametrize(
    "name",
    ["[RADIO] " + "x" * 10_000_000, "[" * 10_000_000, "[RADIO " + "n=1 " * 2_500_000 + "] x",
     " " * 10_000_000 + "[RADIO] x", "[RADIO" + " " * 10_000_000 + "] x"],
    ids=["label", "brackets", "words", "spaces before", "spaces within"],
)  # fmt: skip
def test_a_name_of_ten_megabytes_is_not_read_to_its_end(name: str) -> None:
    tracemalloc.start()
    try:
        wish = wish_of(name)
        _, most_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most_bytes < 100_000
    assert wish is None or len(wish.label) <= LONGEST_LABEL


@given(st.text(max_size=300))
def test_no_name_breaks_anything(text: str) -> None:
    for name in (text, f"[RADIO {text}", f"[MIX {text}] x", f"[STYLE] {text}"):
        wish = wish_of(name)
        if wish is not None:
            assert 1 <= wish.n <= 500
            assert 1 <= wish.days <= 365
            assert wish.top is None or 1 <= wish.top <= 100
            assert 0 <= wish.style_min <= 1


def letters(text: str) -> tuple[str, ...]:
    return tuple(text)


@pytest.mark.parametrize(
    ("contents", "former", "added", "seeds"),
    [
        # never ours: the first five
        ("", "", "", ""),
        ("abc", "", "", "abc"),
        ("abcdefgh", "", "", "abcde"),
        ("aabca", "", "", "abc"),
        # as we left it
        ("abPQR", "ab", "PQR", "ab"),
        # appended by a player: a further seed, while there is room
        ("abPQRx", "ab", "PQR", "abx"),
        ("abcdePQRx", "abcde", "PQR", "abcde"),
        ("aPQxRy", "a", "PQR", "axy"),
        # put on top
        ("xabPQR", "ab", "PQR", "xab"),
        ("Qabcdef", "abcde", "Q", "Qabcd"),
        # one of ours drawn up above a seed is one, too
        ("QabPR", "ab", "PQR", "Qab"),
        ("aQbPR", "ab", "PQR", "aQb"),
        # a seed removed
        ("bPQR", "ab", "PQR", "b"),
        ("PQR", "ab", "PQR", "PQ"),
        ("PQRx", "a", "PQR", "Px"),
        # reordered
        ("baPQR", "ab", "PQR", "ba"),
        # emptied
        ("", "ab", "PQR", ""),
        # it was of another kind before: what we put in is no seed
        ("PQRab", "", "PQR", "ab"),
        ("PQR", "", "PQR", "PQR"),
    ],
)
def test_seeds_are_what_the_person_put_there(
    contents: str, former: str, added: str, seeds: str
) -> None:
    found = seeds_of(letters(contents), most=5, former=letters(former), added=letters(added))
    assert "".join(found) == seeds


def test_a_drift_has_one_seed_the_topmost() -> None:
    assert seeds_of("abc", most=1) == ("a",)
    assert seeds_of("xaPQ", most=1, former="a", added="PQ") == ("x",)
    assert seeds_of("aPQx", most=1, former="a", added="PQ") == ("a",)


@given(
    st.lists(st.sampled_from("abcdefgh")),
    st.lists(st.sampled_from("abcd"), max_size=5, unique=True),
    st.lists(st.sampled_from("efgh"), unique=True),
    st.integers(1, 20),
)
def test_seeds_keep_the_order_of_the_list(
    contents: list[str], former: list[str], added: list[str], most: int
) -> None:
    """So that all the others can be taken out and the seeds never have to be."""
    seeds = seeds_of(contents, most=most, former=former, added=added)
    assert len(seeds) == len(set(seeds)) <= most
    once = list(dict.fromkeys(contents))
    assert [one for one in once if one in seeds] == list(seeds)
    assert bool(seeds) == bool(contents)


def test_the_first_seed_counts_most() -> None:
    assert weights(5) == (5.0, 4.0, 3.0, 2.0, 1.0)
    assert weights(0) == ()
