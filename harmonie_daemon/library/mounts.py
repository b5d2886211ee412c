"""Which file systems tell inotify about every change, and which do not."""

from __future__ import annotations

import re
from pathlib import Path

from harmonie_daemon.library.roots import innermost

MOUNTINFO = Path("/proc/self/mountinfo")
REMOTE_FILE_SYSTEMS = frozenset(
    {
        *("nfs", "nfs4", "cifs", "smb2", "smb3", "smbfs", "9p", "afs", "ncpfs", "ceph", "lustre"),
        *("glusterfs", "beegfs", "orangefs", "ocfs2", "gfs2", "davfs", "virtiofs", "vboxsf"),
        *("prl_fs", "vmhgfs", "drvfs"),
    }
)
"""Others than this machine write to these, and the kernel does not hear of it."""
REMOTE_FUSE = re.compile(r"fuse\.(?!mergerfs|encfs|gocryptfs|bindfs|ntfs|exfat|lxcfs|snapraid)")
"""FUSE programs are taken for remote (sshfs, rclone, s3fs, davfs2 …) but for the local ones."""


def file_system(path: str, mountinfo: str) -> str | None:
    """The type of the file system that holds an absolute path without links.

    :param mountinfo: the text of ``/proc/self/mountinfo`` (proc(5)).
    """
    types: dict[str, str] = {}
    for line in mountinfo.splitlines():
        mounted, _, source = line.partition(" - ")
        if len(mounted.split()) > 4 and source:
            types[_unescaped(mounted.split()[4])] = source.split()[0]  # the last one is on top
    mount = innermost(path, types)
    return None if mount is None else types[mount]


def is_remote(file_system_type: str | None) -> bool:
    """Whether changes on such a file system can escape inotify."""
    if file_system_type is None:
        return False
    return file_system_type in REMOTE_FILE_SYSTEMS or bool(REMOTE_FUSE.match(file_system_type))


def read_mountinfo() -> str:
    """The mounts that this process sees; empty where the system does not tell."""
    try:
        return MOUNTINFO.read_text("utf-8", "surrogateescape")
    except OSError:
        return ""


def _unescaped(field: str) -> str:
    """Spaces and the like are written as three octal digits."""
    raw = re.sub(rb"\\([0-7]{3})", lambda code: bytes([int(code[1], 8) & 255]), _bytes(field))
    return raw.decode("utf-8", "surrogateescape")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
