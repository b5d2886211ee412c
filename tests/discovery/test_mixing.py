"""Mixes where the library has little of what was asked for."""

from __future__ import annotations

from harmonie_daemon.discovery.mix import MixWish
from harmonie_daemon.discovery.mix_words import describe
from harmonie_daemon.discovery.mixing import NOT_UNDERSTOOD, Mixer
from harmonie_daemon.domain.track import StyleScore
from tests.discovery.shelf_of_music import MusicShelf

METAL, HOUSE = StyleScore("Rock", "Death Metal", 1.0), StyleScore("Electronic", "House", 1.0)


async def mixer_of(shelf: MusicShelf, metal: int) -> Mixer:
    for number in range(metal):
        await shelf.add(f"metal{number}.flac", sound=0, styles=[METAL])
    for number in range(20):
        await shelf.add(f"house{number}.flac", sound=1 + number % 3, styles=[HOUSE])
    return Mixer(shelf.tracks, shelf.spaces, shelf.discovery)


async def test_a_mix_says_how_many_tracks_only_come_near(shelf: MusicShelf) -> None:
    mix = await (await mixer_of(shelf, metal=3)).mix(MixWish("death metal", duration_s=1800))
    assert len(mix.tracks) == 10
    assert {one.track.file.relative_path for one in mix.tracks} >= {
        "metal0.flac",
        "metal1.flac",
        "metal2.flac",
    }
    assert mix.notes == (
        "7 of the 10 tracks only come near: the library has no more of what was wanted",
    )


async def test_a_mix_of_what_there_is_enough_of_says_nothing(shelf: MusicShelf) -> None:
    mixer = await mixer_of(shelf, metal=12)
    assert (await mixer.mix(MixWish("death metal", duration_s=1800))).notes == ()
    assert (await mixer.mix(MixWish("xylofoobar", duration_s=1800))).notes == (NOT_UNDERSTOOD,)


async def test_one_track_is_no_tracks(shelf: MusicShelf) -> None:
    await shelf.add("a.flac", sound=0, bpm=139.2, bpm_confidence=3.0, styles=[METAL])
    mix = await Mixer(shelf.tracks, shelf.spaces, shelf.discovery).mix(MixWish("metal"))
    assert describe("metal", mix.tracks) == (
        "1 track for “metal”, mostly Death Metal, 139 beats a minute; 0 known here, 1 never played."
    )
