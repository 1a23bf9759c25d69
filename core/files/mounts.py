"""Find the filesystem that holds a path, from the text of /proc/self/mountinfo.

File events and SQLite's write-ahead log both need a local filesystem. On mounts backed by another machine (a virtual
machine's host included) no events arrive, and memory is not shared.
"""

from __future__ import annotations

import re
from pathlib import PurePath

MOUNTINFO = "/proc/self/mountinfo"
KERNEL = "/proc/sys/kernel/osrelease"

# Folders of a host in its virtual machine (WSL2, Docker Desktop, Lima, VirtualBox, VMware, Parallels), network shares, and
# disks that several computers write to. Docker Desktop's grpcfuse and osxfs appear as `fuse.…`, and so does sshfs.
HOST_FOLDERS = frozenset({"9p", "drvfs", "fakeowner", "grpcfuse", "osxfs", "prl_fs", "v9fs", "vboxsf", "virtiofs", "vmhgfs"})
SHARES = frozenset({"afs", "ceph", "cifs", "coda", "ncpfs", "nfs", "nfs4", "smb2", "smb3", "smbfs"})
CLUSTERS = frozenset({"beegfs", "gfs2", "glusterfs", "gpfs", "lustre", "ocfs2", "orangefs", "pvfs2"})
REMOTE = HOST_FOLDERS | SHARES | CLUSTERS | {"fuse"}


def filesystem_of(path: PurePath | str, mountinfo: str) -> str:
    """Return the type of the filesystem that holds the absolute `path`, such as `ext4` or `9p`; "" if none is listed.

    `mountinfo` is the text of /proc/self/mountinfo (proc_pid_mountinfo(5)). Of several mounts on one point, the last counts.
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
    """Return whether another kernel may change the filesystem. `fuseblk` (NTFS and exFAT disks) is local."""
    return filesystem in REMOTE or filesystem.startswith("fuse.")


def is_windows_drive(filesystem: str, kernel: str) -> bool:
    """Return whether this is a Windows folder mounted in WSL2, or in a container there. `kernel` is the text of KERNEL."""
    return "microsoft" in kernel.lower() and (filesystem in HOST_FOLDERS or filesystem in ("cifs", "fuse.grpcfuse"))


def _unescape(text: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda m: chr(int(m[1], 8)), text)
