"""Which file systems hide changes from inotify, and which break the locks of a database."""

from __future__ import annotations

import re
from pathlib import Path

from harmonie_daemon.library.roots import innermost

MOUNTINFO = Path("/proc/self/mountinfo")
NETWORK = frozenset(
    {
        *("nfs", "nfs4", "cifs", "smb2", "smb3", "smbfs", "9p", "afs", "ncpfs", "ceph"),
        *("glusterfs", "davfs"),
    }
)
"""Others than this machine write to these, and the kernel does not hear of it."""
SHARED = frozenset(
    {
        *("lustre", "beegfs", "orangefs", "ocfs2", "gfs2"),
        *("virtiofs", "vboxsf", "prl_fs", "vmhgfs", "drvfs"),
    }
)
"""Of clusters and of the host of a virtual machine: the same, but locks can be relied on."""
NETWORK_FUSE = re.compile(r"fuse\.(ceph|davfs|glusterfs|rclone|s3fs|sshfs)")
LOCAL_FUSE = re.compile(r"fuse\.(mergerfs|encfs|gocryptfs|bindfs|ntfs|exfat|lxcfs|snapraid)")
"""Any other (Unraid's shfs …) may be either: not to be watched, good for a database."""


def hides_changes(file_system_type: str | None) -> bool:
    """Whether changes on such a file system can escape inotify."""
    if file_system_type is None:
        return False
    if file_system_type.startswith("fuse."):
        return LOCAL_FUSE.match(file_system_type) is None
    return file_system_type in NETWORK | SHARED


def breaks_locks(file_system_type: str | None) -> bool:
    """Whether SQLite's write-ahead log gets damaged there: locks or shared memory fail."""
    if file_system_type is None:
        return False
    return file_system_type in NETWORK or NETWORK_FUSE.fullmatch(file_system_type) is not None


def file_system(path: str, mountinfo: str) -> str | None:
    """The type of the file system that holds an absolute path without links.

    :param mountinfo: the text of ``/proc/self/mountinfo`` (proc_pid_mountinfo(5)).
    """
    types: dict[str, str] = {}
    for line in mountinfo.splitlines():
        mounted, _, source = line.partition(" - ")
        if len(mounted.split()) > 4 and source:
            types[_unescaped(mounted.split()[4])] = source.split()[0]  # the last one is on top
    mount = innermost(path, types)
    return None if mount is None else types[mount]


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
