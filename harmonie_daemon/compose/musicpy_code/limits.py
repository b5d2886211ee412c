"""How much a program may be, hold and do. Each is far above what ten minutes of music need."""

from __future__ import annotations

LONGEST_SOURCE_BYTES = 600_000
"""20,000 notes, written out with their exact times, are 520,000."""
MOST_NODES = 30_000
"""Of the syntax tree. A string is one, however many notes it holds."""
DEEPEST = 150
"""Expressions within expressions."""
FUEL = 1_500_000
"""Microseconds of work on a fast processor, as the table of costs sees them."""
STEP_COST = 4
"""Of one node of the tree."""

LONGEST_TEXT = 120_000
LONGEST_LIST = 10_000
DEEPEST_LIST = 4
"""Lists within lists that a function takes."""
LARGEST_NUMBER = 10**12
MOST_NOTES = 20_000
MOST_TRACKS = 32
MOST_EVENTS = 20_000
"""Changes of tempo, pan, volume, pitch bend and controllers, in all."""
LONGEST_BARS = 800
"""Of four beats: ten minutes at 300 beats a minute are 750."""
SLOWEST_BPM, FASTEST_BPM = 20, 300

CPU_S = 2
WALL_S = 4
"""Of the jailed process, from the moment the jail is shut."""
MEMORY_BYTES = 400 * 1024 * 1024
"""Of addresses; 60 MB are used."""
