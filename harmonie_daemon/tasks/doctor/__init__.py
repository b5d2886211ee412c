"""The doctor: looks at everything the daemon depends on, and says what to do."""

from __future__ import annotations

from harmonie_daemon.tasks.doctor.doctor import Doctor
from harmonie_daemon.tasks.doctor.opening import open_doctor

__all__ = ["Doctor", "open_doctor"]
