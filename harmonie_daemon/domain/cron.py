"""Cron expressions as cron itself reads them."""

from __future__ import annotations

import re

_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun")


def name_weekdays(expression: str) -> str:
    """The expression with its numeric weekdays spelled out (0 and 7 are Sunday).

    APScheduler counts weekdays from Monday = 0, cron from Sunday = 0; names mean the same to both.
    A range that ends on Sunday as 7 stays in order, because APScheduler's week ends on Sunday.
    Raises ``ValueError`` when there are not five fields or a weekday does not exist.
    """
    fields = expression.split()
    if len(fields) != 5:
        raise ValueError("a cron expression has five fields, as in '0 4 * * *'")
    fields[4] = ",".join(_name_part(part) for part in fields[4].split(","))
    return " ".join(fields)


def _name_part(part: str) -> str:
    match = re.fullmatch(r"(\d+)(?:-(\d+))?(/\d+)?", part)
    if match is None:
        return part
    first, step = int(match[1]), match[3] or ""
    last = int(match[2]) if match[2] else None
    if max(first, last or 0) > 7:
        raise ValueError("weekdays run from 0 (Sunday) to 7 (Sunday)")
    if last is None:
        # cron reads 1/2 as "from 1 to the end of the week, every second day"
        return f"{_WEEKDAYS[first]}{'-sat' if step and first else ''}{step}"
    if first > last:
        raise ValueError("a range of weekdays runs from the smaller number to the larger")
    days = range(first, last + 1, int(step[1:]) if step else 1)
    return ",".join(dict.fromkeys(_WEEKDAYS[day] for day in days))
