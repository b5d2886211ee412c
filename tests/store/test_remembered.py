from __future__ import annotations

from harmonie_daemon.domain.track import StyleScore
from harmonie_daemon.store import generations
from harmonie_daemon.store.connection import Connection
from harmonie_daemon.store.database import Database
from harmonie_daemon.store.remembered import Remembered
from harmonie_daemon.store.tracks import Tracks
from tests.store.factories import save_track
from tests.store.statements import noted

HOUSE = (StyleScore("Electronic", "House", 0.9),)


async def test_genres_and_styles_are_counted_once_a_generation(
    db: Database, tracks: Tracks
) -> None:
    await save_track(tracks, "1.flac", styles=HOUSE)
    for count in (1, 2):
        with noted(db) as statements:
            for _ in range(3):
                assert [row.track_count for row in await tracks.genres()] == [count]
                assert [row.track_count for row in await tracks.styles(0.5)] == [count]
                assert await tracks.styles(0.95) == []
                assert await tracks.styles(0.5, "Rock") == []
        assert sum("track_styles" in sql for sql, _ in statements) == 4
        await save_track(tracks, "2.flac", styles=HOUSE)


async def test_what_a_caller_does_to_an_answer_stays_with_the_caller(tracks: Tracks) -> None:
    await save_track(tracks, styles=HOUSE)
    (await tracks.genres()).clear()
    assert len(await tracks.genres()) == 1


async def test_the_number_of_answers_is_bounded(db: Database) -> None:
    remembered = Remembered(most=2)
    worked_out: list[int] = []

    def ask(number: int) -> None:
        remembered.answer(reader, number, lambda _: worked_out.append(number))

    def questions(connection: Connection) -> None:
        nonlocal reader
        reader = connection
        for number in (1, 2, 2, 3, 3, 2, 1):
            ask(number)

    reader: Connection
    await db.read(questions)
    assert worked_out == [1, 2, 3, 1]


async def test_a_read_that_began_before_a_change_does_not_speak_for_later_ones(
    db: Database, tracks: Tracks
) -> None:
    remembered = Remembered()
    early, late = db._readers
    early.execute("BEGIN")
    before = generations.current(early)
    await save_track(tracks)
    assert remembered.answer(late, "which", generations.current) == before + 1
    assert remembered.answer(early, "which", generations.current) == before
    assert remembered.answer(late, "which", lambda _: 0) == before + 1
    early.execute("COMMIT")
