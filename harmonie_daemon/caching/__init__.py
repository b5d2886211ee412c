"""Answers that are given again for a while: in memory, and in a Redis where there is one."""
