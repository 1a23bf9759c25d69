"""Which filesystem a path lies on, read from the text of /proc/self/mountinfo.

File events and SQLite's write-ahead log both need a filesystem of this very computer: on mounts that reach into another
machine, a virtual one included, events stay away and shared memory is not shared.
"""

from __future__ import annotations

import re
from pathlib import PurePath

MOUNTINFO = "/proc/self/mountinfo"

REMOTE = frozenset(
    {
        "9p",
        "afs",
        "ceph",
        "cifs",
        "drvfs",
        "fakeowner",
        "fuse",
        "nfs",
        "nfs4",
        "osxfs",
        "prl_fs",
        "smb3",
        "smbfs",
        "vboxsf",
        "virtiofs",
        "vmhgfs",
    }
)


def filesystem_of(path: PurePath | str, mountinfo: str) -> str:
    """The type of the filesystem that holds the absolute `path`, such as `ext4` or `9p`; "" when the text does not say.

    `mountinfo` is the text of /proc/self/mountinfo (proc_pid_mountinfo(5)). Of several mounts on one point the last counts.
    """
    best, found = -1, ""
    for line in mountinfo.splitlines():
        before, separator, after = line.partition(" - ")
        fields, kind = before.split(" "), after.split(" ")
        if not separator or len(fields) < 5:
            continue
        point = PurePath(_unescape(fields[4]))
        if PurePath(path).is_relative_to(point) and len(point.parts) >= best:
            best, found = len(point.parts), kind[0]
    return found


def is_remote(filesystem: str) -> bool:
    """Whether the filesystem may be changed from outside this kernel. `fuseblk` (NTFS and exFAT disks) is local."""
    return filesystem in REMOTE or filesystem.startswith("fuse.")


def _unescape(text: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda m: chr(int(m[1], 8)), text)
