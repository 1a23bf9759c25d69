"""System calls that the kernel refuses to a confined process, each of which succeeds without confinement."""

from __future__ import annotations

import json
import os
import platform
import struct
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from core.sandbox import run, seccomp, system_calls
from tests.running import PROJECT
from tests.sandbox import calls
from tests.sandbox.test_landlock import held_to_folders

raw_numbers = pytest.mark.skipif(platform.machine() != "x86_64", reason="the numbers are those of x86-64")
REFUSALS = ("EPERM", "EACCES", "ENOSYS")


def of(path: Path) -> tuple[object, ...]:
    status = path.stat()
    names = sorted(each.name for each in path.parent.iterdir())
    return path.read_text(), status.st_mode, status.st_uid, status.st_mtime_ns, status.st_nlink, os.listxattr(path), names


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], dict[str, str]]:
    """Return the results of all attempts in one process for each kind of confinement; run once."""

    @cache
    def made(how: str) -> dict[str, str]:
        folder = tmp_path_factory.mktemp(how)
        folder.chmod(0o755)
        (folder / "own").mkdir()
        path = folder / "castmind.db"
        path.write_text("a database")
        before = of(path)
        ended = run("tests.sandbox.calls", how, str(path), timeout=60.0)
        assert (ended.code, ended.said) == (0, "")
        # Whatever the results, nothing has changed.
        assert how == "free" or of(path) == before
        found: dict[str, str] = json.loads(ended.output)
        return found

    return made


Answers = Callable[[str], dict[str, str]]


@raw_numbers
@pytest.mark.parametrize("how", ["confined", "keeps", "speaks", "becomes"])
@pytest.mark.parametrize("what", [*calls.ORDINARY, *calls.PRIVILEGED])
def test_what_no_decoder_needs_is_refused(how: str, what: str, answers: Answers) -> None:
    """Also to a process that may keep files, use connections or execute another program."""
    assert answers(how)[what] in REFUSALS


# Not supported by this kernel, container or user.
NOT_EVERYWHERE = {"vfork by number", "socket of AF_INET6", "keyring", "other program by descriptor", "lease"}


@raw_numbers
@pytest.mark.parametrize("what", [what for what in calls.ORDINARY if what not in NOT_EVERYWHERE])
def test_without_confinement_it_is_possible(what: str, answers: Answers) -> None:
    """Otherwise the refusals above would prove nothing."""
    assert answers("free")[what] == "done"


@raw_numbers
@pytest.mark.parametrize("how", ["confined", "keeps", "speaks", "becomes"])
@pytest.mark.parametrize("what", calls.NEEDED)
def test_what_a_decoder_needs_works(how: str, what: str, answers: Answers) -> None:
    assert answers(how)[what] == "done"


@raw_numbers
@pytest.mark.skipif(os.getuid() != 0, reason="is somebody else only for root")
def test_it_needs_no_privilege(tmp_path_factory: pytest.TempPathFactory, answers: Answers) -> None:
    """As an ordinary user, as in a container without capabilities."""
    base, every = tmp_path_factory.getbasetemp(), Path(tempfile.gettempdir())
    # With several test workers the folder is one level deeper.
    for folder in (base, *base.parents):
        if folder.is_relative_to(every) and folder != every:
            folder.chmod(0o755)
    found = answers("nobody")
    assert {what for what in (*calls.ORDINARY, *calls.PRIVILEGED) if found[what] not in REFUSALS} == set()
    # Python itself may be installed where only root can read.
    assert {what for what in calls.NEEDED if found[what] != "done"} <= {"an import"}


@pytest.mark.parametrize("machine", seccomp.ARCHITECTURES)
@pytest.mark.parametrize("wants", [{}, {"keeps_files": True}, {"speaks": True}, {"becomes": True}])
def test_of_all_numbers_only_the_list_passes(machine: str, wants: dict[str, bool]) -> None:
    """Interpret the filter as the kernel does, for each number; calls with checked arguments get harmless ones."""
    here = seccomp.ARCHITECTURES[machine]
    code = seccomp.program(here, 7, **wants)
    groups = {"keeps_files": "KEEPING", "speaks": "SPEAKING", "becomes": "BECOMING"}
    passing = dict(here.numbers(system_calls.ALWAYS))
    for group in (groups[want] for want in wants):
        passing |= here.numbers(getattr(system_calls, group))
    allowed = {n for n in range(2000) if verdict(code, here, n, [0xFFFFFFFF] * 6) == seccomp._ALLOW}
    # Open flags are not checked for a process that may keep files.
    opening = {here.numbers(system_calls.JUDGED).get(name) for name in ("open", "openat")} - {None}
    assert allowed == set(passing.values()) | (opening if wants.get("keeps_files") else set())
    assert verdict(code, here, 0x40000000 | 39, [0] * 6) == seccomp.REFUSED
    foreign = next(each for each in seccomp.ARCHITECTURES.values() if each is not here)
    assert verdict(code, foreign, 0, [0] * 6) == seccomp._KILL


JUDGED = {
    "openat": [
        ([0, 0, os.O_RDONLY | os.O_CLOEXEC], True),
        ([0, 0, os.O_RDWR], False),
        ([0, 0, os.O_TMPFILE | os.O_WRONLY], False),
    ],
    "clone": [([0x3D0F00], True), ([17], False), ([0x01200011], False), ([0x3D0F00 | 0x20000000], False)],
    "tgkill": [([7, 8], True), ([8, 8], False)],
    "prlimit64": [([0, 7, 0], True), ([7, 7, 0], True), ([1, 7, 0], False), ([0, 7, 1], False), ([0, 7, 1 << 40], False)],
    "fcntl": [([0, 1], True), ([0, 1030], True), ([0, 6], False), ([0, 38], False), ([0, 1033], False), ([0, 8], False)],
    "ioctl": [([0, 0x5401], True), ([0, 0x5412], False), ([0, 0x541C], False)],
    "prctl": [([15], True), ([1], False), ([22], False), ([35], False)],
}


@pytest.mark.parametrize("machine", seccomp.ARCHITECTURES)
@pytest.mark.parametrize("name", JUDGED)
def test_arguments_decide(machine: str, name: str) -> None:
    here = seccomp.ARCHITECTURES[machine]
    code = seccomp.program(here, 7)
    number = here.numbers(system_calls.JUDGED)[name]
    for arguments, passes in JUDGED[name]:
        expected = seccomp._ALLOW if passes else seccomp.REFUSED
        assert verdict(code, here, number, [*arguments, *[0] * (6 - len(arguments))]) == expected, arguments


def verdict(code: bytes, here: seccomp.Architecture, number: int, arguments: list[int]) -> int:
    """Interpret the BPF program as the kernel does: loads, jumps, and a return."""
    data = struct.pack("iIQ6Q", number, here.audit, 0, *arguments)
    lines = list(struct.iter_unpack("HBBI", code))
    at = held = 0
    while True:
        kind, if_so, if_not, value = lines[at]
        at += 1
        if kind == 0x06:
            return int(value)
        if kind == 0x20:
            (held,) = struct.unpack_from("I", data, value)
            continue
        holds = {0x15: held == value, 0x35: held >= value, 0x45: bool(held & value)}[kind]
        at += if_so if holds else if_not


# --- files to read -----------------------------------------------------------------------------------

landlock_only = pytest.mark.skipif(not held_to_folders(), reason="this kernel has no Landlock")


def readings(given: Path, *what: str) -> list[str]:
    answer: list[str] = json.loads(run("tests.sandbox.readings", str(given), *what, timeout=60.0).output)
    return answer


@landlock_only
def test_it_reads_what_it_was_given_and_no_other_file(tmp_path: Path) -> None:
    given, beside = tmp_path / "talk.mp3", tmp_path / "secret.key"
    given.write_text("sound")
    beside.write_text("secret")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "other").write_text("secret")
    (tmp_path / "link").symlink_to(beside)
    (tmp_path / "to the sound").symlink_to(given)
    (tmp_path / "second name").hardlink_to(beside)
    assert readings(given, str(given), str(tmp_path / "to the sound")) == ["sound", "sound"]
    others = [
        beside, tmp_path / "folder" / "other", tmp_path / "link", tmp_path / "second name", given / ".." / "secret.key",
        tmp_path / "folder" / ".." / "secret.key", Path("/proc/self/root") / str(beside)[1:], Path("/etc/passwd"),
        Path("/etc/hostname"), Path(f"/proc/{os.getpid()}/environ"), Path("/proc/self/environ"), Path("/proc/self/maps"),
        Path("/proc/1/cmdline"), PROJECT / "LICENSE", PROJECT / "castmind_app.py", PROJECT / "tests" / "running.py",
    ]  # fmt: skip
    refusals = readings(given, *map(str, others))
    assert {
        p: said for p, said in zip(others, refusals, strict=True) if said not in ("EACCES", "ENOENT", "EPERM", "ENOTDIR")
    } == {}
    folders = (tmp_path, PROJECT, Path("/etc"), Path.home(), Path("/"), Path("/proc"), Path("/proc/self/fd"))
    assert set(readings(given, *(f"{folder}/" for folder in folders))) == {"EACCES"}


@landlock_only
def test_its_own_code_is_read(tmp_path: Path) -> None:
    paths = (PROJECT / "core" / "message.py", Path(os.__file__), Path(pytest.__file__))
    assert readings(tmp_path / "none", *map(str, paths)) == [path.read_text()[:100] for path in paths]


@landlock_only
def test_one_that_becomes_a_program_becomes_no_other_one() -> None:
    given = [str(1 << 30), "20", str(1 << 20), "", "/bin/sh", "-c"]
    assert run("core.sandbox.tool", *given, "exec /bin/sh -c :", timeout=60.0).code == 0
    ended = run("core.sandbox.tool", *given, "exec /bin/cat /dev/null", timeout=60.0)
    assert ended.code != 0 and "ermission denied" in ended.said
