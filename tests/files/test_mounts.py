import pytest

from core.files.mounts import MOUNTINFO, filesystem_of, is_remote, is_windows_drive

WSL = """\
22 1 8:32 / / rw,relatime - ext4 /dev/sdc rw
30 22 0:20 / /mnt rw - tmpfs none rw
31 30 0:40 / /mnt/c rw,noatime - 9p drvfs rw,dirsync,aname=drvfs
32 30 0:41 / /mnt/my\\040disk rw shared:1 master:2 - cifs //nas/disk rw
40 22 0:50 / /data rw - ext4 /dev/sdd rw
41 22 0:51 /sub /data rw - virtiofs share rw
"""


@pytest.mark.parametrize(
    ("path", "filesystem"),
    [
        ("/", "ext4"),
        ("/home/me/castmind/data", "ext4"),
        ("/mnt/c/Users/me", "9p"),
        ("/mnt/cd", "tmpfs"),
        ("/mnt/my disk/pods", "cifs"),
        ("/data/inbox", "virtiofs"),
    ],
)
def test_the_deepest_and_latest_mount_holds_the_path(path: str, filesystem: str) -> None:
    assert filesystem_of(path, WSL) == filesystem


def test_an_unreadable_table_says_nothing() -> None:
    assert filesystem_of("/data", "") == ""
    assert filesystem_of("/data", "what is this - ext4\n\n") == ""


def test_this_computer_says_what_its_root_is() -> None:
    with open(MOUNTINFO) as file:  # noqa: PTH123
        assert filesystem_of("/", file.read())


@pytest.mark.parametrize(
    "name",
    ["9p", "drvfs", "virtiofs", "fakeowner", "fuse.grpcfuse", "fuse.osxfs", "cifs", "smb3", "nfs", "nfs4", "fuse", "fuse.sshfs"],
)
def test_mounts_that_reach_elsewhere_are_remote(name: str) -> None:
    assert is_remote(name)


@pytest.mark.parametrize("name", ["ext4", "btrfs", "xfs", "overlay", "tmpfs", "fuseblk", "zfs", ""])
def test_disks_of_this_computer_are_not(name: str) -> None:
    assert not is_remote(name)


@pytest.mark.parametrize("name", ["9p", "drvfs", "virtiofs", "fuse.grpcfuse"])
def test_a_folder_of_windows_is_one_only_under_its_kernel(name: str) -> None:
    assert is_windows_drive(name, "5.15.153.1-microsoft-standard-WSL2")
    assert not is_windows_drive(name, "6.1.0-13-amd64")
    assert not is_windows_drive("ext4", "5.15.153.1-microsoft-standard-WSL2")
