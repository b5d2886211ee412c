"""Hours of the day in which analysis rests."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class QuietHours:
    """A stretch of every day in local time, from ``begin`` up to but not including ``end``.

    Minutes since midnight, 0 to 1439; an end before the begin is on the next day.
    """

    begin: int
    end: int

    @classmethod
    def parse(cls, text: str) -> QuietHours:
        """From ``HH:MM-HH:MM``. Raises ``ValueError``."""
        match = re.fullmatch(r"\s*(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})\s*", text)
        if match is None:
            raise ValueError("must read HH:MM-HH:MM, as in 08:00-23:00")
        begin_hour, begin_minute, end_hour, end_minute = map(int, match.groups())
        if max(begin_minute, end_minute) > 59 or max(begin_hour, end_hour) > 23:
            raise ValueError("hours run from 00:00 to 23:59")
        begin, end = begin_hour * 60 + begin_minute, end_hour * 60 + end_minute
        if begin == end:
            raise ValueError("must not begin and end at the same time")
        return cls(begin, end)

    def left_s(self, now: datetime) -> float | None:
        """Seconds until they end, by the clock on the wall; ``None`` outside of them."""
        minute = now.hour * 60 + now.minute
        if (minute - self.begin) % 1440 >= (self.end - self.begin) % 1440:
            return None
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        end = midnight + timedelta(minutes=self.end)
        return ((end - now) % timedelta(days=1)).total_seconds()

    @property
    def end_words(self) -> str:
        """The end as ``HH:MM``."""
        return f"{self.end // 60:02d}:{self.end % 60:02d}"
