"""The examinations, each by itself and in bounded time: one that hangs hides no other."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from concurrent.futures import Future
from threading import Thread

from harmonie_daemon.domain.checkup import Finding, problem
from harmonie_daemon.domain.errors import HarmonieError, in_words
from harmonie_daemon.mediaservers.examining import Examinable

EXAMINED_WITHIN_S = 20.0
TRIED_WITHIN_S = 60.0

Examination = Callable[[], Awaitable[Sequence[Finding]]]
_log = logging.getLogger(__name__)


class Doctor:
    """Looks at folders, limits, models and targets; knows nothing of how they work."""

    def __init__(
        self,
        examinations: Iterable[tuple[str, Examination]],
        targets: Sequence[Examinable],
        *,
        examined_within_s: float = EXAMINED_WITHIN_S,
        tried_within_s: float = TRIED_WITHIN_S,
    ) -> None:
        self._examinations = tuple(examinations)
        self._targets = tuple(targets)
        self._examined_within_s = examined_within_s
        self._tried_within_s = tried_within_s
        self._trying = asyncio.Lock()

    async def examine(self) -> list[Finding]:
        """Look at everything, changing nothing."""
        looks = [*self._examinations, *((one.name, one.examine) for one in self._targets)]
        found = await asyncio.gather(
            *(_in_time(area, look, self._examined_within_s) for area, look in looks)
        )
        return [finding for findings in found for finding in findings]

    async def try_out(self) -> list[Finding]:
        """As ``examine``, and then make, change and delete a playlist at every target."""
        found = await self.examine()
        async with self._trying:
            for target in self._targets:
                found += await _in_time(target.name, target.try_out, self._tried_within_s)
        return found


async def _in_time(area: str, look: Examination, within_s: float) -> Sequence[Finding]:
    try:
        async with asyncio.timeout(within_s):
            return await look()
    except TimeoutError:
        return [
            problem(
                area,
                f"no answer within {within_s:.0f} seconds",
                "see whether what it waits for, a network share or a server, is still there",
            )
        ]
    except (HarmonieError, OSError) as error:
        return [problem(area, in_words(error), "see the words above; harmonie's log has more")]
    except Exception as error:  # noqa: BLE001 - the border between one look and the others
        _log.exception("the examination of %s broke", area)
        return [problem(area, f"the examination broke: {in_words(error)}", "report it, please")]


class Blocking:
    """Makes an examination of a function that blocks, in a thread of its own.

    While a look hangs, on a dead network share, another one waits for the same thread instead of
    taking a further one: however often the doctor is asked, one thread hangs, no more, and it keeps
    nobody from stopping the daemon.
    """

    def __init__(self, look: Callable[[], Iterable[Finding]]) -> None:
        self._look = look
        self._under_way: Future[list[Finding]] | None = None

    async def __call__(self) -> Sequence[Finding]:
        if self._under_way is None or self._under_way.done():
            self._under_way = Future()
            Thread(target=self._run, args=(self._under_way,), name="doctor", daemon=True).start()
        return await asyncio.shield(asyncio.wrap_future(self._under_way))

    def _run(self, found: Future[list[Finding]]) -> None:
        try:
            found.set_result(list(self._look()))
        except BaseException as error:  # noqa: BLE001 - raised where it is waited for
            found.set_exception(error)
