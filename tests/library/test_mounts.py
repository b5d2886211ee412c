"""File systems whose changes inotify does not see, or that break a database."""

from __future__ import annotations

import pytest

from harmonie_daemon.library.mounts import breaks_locks, file_system, hides_changes, read_mountinfo

MOUNTINFO = """\
22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 22 0:40 / /mnt/nas rw - nfs4 nas:/music rw,vers=4.2
31 22 0:41 / /mnt/My\\040Music\\134x rw master:1 - cifs //nas/music rw
32 30 0:42 / /mnt/nas/local rw - xfs /dev/sdb rw
33 22 0:43 / /mnt/over rw - ext4 /dev/sdc rw
34 33 0:44 / /mnt/over rw - fuse.sshfs me@host:/ rw
damaged line
"""


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/music", "ext4"),
        ("/mnt/nas/album", "nfs4"),
        ("/mnt/nasty", "ext4"),
        ("/mnt/My Music\\x/a", "cifs"),
        ("/mnt/nas/local/a", "xfs"),
        ("/mnt/over", "fuse.sshfs"),
    ],
)
def test_the_innermost_and_latest_mount_holds_a_path(path: str, expected: str) -> None:
    assert file_system(path, MOUNTINFO) == expected


def test_network_file_systems_hide_changes_and_disks_do_not() -> None:
    remote = ["nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs", "fuse.rclone", "virtiofs"]
    assert all(hides_changes(name) for name in remote)
    local = ["ext4", "btrfs", "zfs", "overlay", "tmpfs", "fuseblk", "fuse.mergerfs", None]
    assert not any(hides_changes(name) for name in local)


def test_a_database_is_refused_where_locks_fail_and_nowhere_else() -> None:
    assert all(breaks_locks(name) for name in ["nfs4", "cifs", "9p", "fuse.sshfs", "fuse.rclone"])
    good = ["ext4", "zfs", "fuse.shfs", "fuse.mergerfs", "fuse.unknown", "virtiofs", "ocfs2", None]
    assert not any(breaks_locks(name) for name in good)


def test_the_mounts_of_this_machine_can_be_read() -> None:
    mounts = read_mountinfo()
    assert not mounts or file_system("/", mounts) is not None
