import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from core.errors import DiskFull, NotAudio
from core.sources.uploads import inbox as module
from core.sources.uploads.inbox import Inbox
from tests.runner_fixture import until


class Taker:
    """Takes files as the app does: moves them away. `error` is raised instead, once set."""

    def __init__(self, to: Path) -> None:
        self.to, self.names, self.folders, self.error = to, list[str](), list[str](), list[Exception]()
        self.taken = threading.Event()
        to.mkdir()

    def __call__(self, path: Path) -> None:
        self.names.append(path.name)
        self.folders.append(path.parent.name)
        if self.error:
            raise self.error.pop(0)
        path.replace(self.to / path.name)
        self.taken.set()


@pytest.fixture
def taker(tmp_path: Path) -> Taker:
    return Taker(tmp_path / "taken")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "inbox").mkdir()
    return tmp_path / "inbox"


@pytest.fixture
def inbox(folder: Path, taker: Taker) -> Inbox:
    return Inbox(folder, taker, settle_seconds=3.0)


def test_a_file_is_taken_once_it_has_stopped_growing(inbox: Inbox, folder: Path, taker: Taker) -> None:
    (folder / "a.mp3").write_bytes(b"1")
    assert inbox.step(0.0) < 5
    (folder / "a.mp3").write_bytes(b"12")
    inbox.step(2.0)
    inbox.step(4.9)
    assert taker.names == []
    inbox.step(5.0)
    assert taker.names == ["a.mp3"]
    assert inbox.step(6.0) == module.IDLE_SECONDS


def test_unfinished_and_hidden_files_and_links_are_left_alone(inbox: Inbox, folder: Path, taker: Taker) -> None:
    for name in (".hidden.mp3", "a.mp3.part", "b.crdownload", "c.TMP", "~$d.docx", "Thumbs.db", "README.md"):
        (folder / name).write_bytes(b"1")
    (folder / "link.mp3").symlink_to("/etc/passwd")
    (folder / "elsewhere").symlink_to("/etc")
    for hidden in (".Trash-1000", "@eaDir", "__MACOSX", "lost+found", "rejected", "rejected/My Show"):
        (folder / hidden).mkdir()
        (folder / hidden / "e.mp3").write_bytes(b"1")
    inbox.step(0.0)
    assert inbox.step(1000.0) == module.IDLE_SECONDS
    assert taker.names == []
    (folder / "a.mp3.part").rename(folder / "a.mp3")
    inbox.step(1001.0)
    inbox.step(1004.0)
    assert taker.names == ["a.mp3"]


def test_a_tree_of_folders_is_taken_in_order_and_its_folders_stay(inbox: Inbox, folder: Path, taker: Taker) -> None:
    (folder / "My Show" / "Season 1").mkdir(parents=True)
    for name in ("My Show/2.mp3", "My Show/1.mp3", "My Show/Season 1/3.mp3", "0.mp3"):
        (folder / name).write_bytes(b"1")
    inbox.step(0.0)
    inbox.step(2.0)
    assert taker.names == []
    inbox.step(3.0)
    assert taker.names == ["0.mp3", "1.mp3", "2.mp3", "3.mp3"]
    assert taker.folders == ["inbox", "My Show", "My Show", "Season 1"]
    assert (folder / "My Show" / "Season 1").is_dir()


def test_what_lies_beside_the_sound_in_a_folder_stays_there(inbox: Inbox, folder: Path, taker: Taker) -> None:
    (folder / "My Show").mkdir()
    for name in ("cover.JPG", "Folder.png", "info.nfo", "list.m3u8", "notes.txt", "a.mp3.md5"):
        (folder / "My Show" / name).write_bytes(b"1")
    inbox.step(0.0)
    assert inbox.step(1000.0) == module.IDLE_SECONDS
    assert taker.names == []


def test_a_folder_that_is_renamed_while_its_file_grows_loses_nothing(inbox: Inbox, folder: Path, taker: Taker) -> None:
    (folder / "New folder").mkdir()
    (folder / "New folder" / "a.mp3").write_bytes(b"1")
    inbox.step(0.0)
    (folder / "New folder").rename(folder / "My Show")
    inbox.step(3.0)
    assert taker.names == []
    inbox.step(6.0)
    assert (taker.names, taker.folders) == (["a.mp3"], ["My Show"])


def test_what_is_refused_in_a_folder_is_kept_by_that_folders_name(inbox: Inbox, folder: Path, taker: Taker) -> None:
    (folder / "My Show" / "Extras").mkdir(parents=True)
    (folder / "My Show" / "Extras" / "a.mp3").write_bytes(b"Dear me")
    taker.error = [NotAudio("a.mp3 is not audio or video but text.")]
    inbox.step(0.0)
    inbox.step(3.0)
    assert (folder / "rejected" / "My Show" / "Extras" / "a.mp3").read_bytes() == b"Dear me"
    assert "text" in (folder / "rejected" / "My Show" / "Extras" / "a.mp3.txt").read_text()
    inbox.step(100.0)
    assert inbox.step(200.0) == module.IDLE_SECONDS
    assert taker.names == ["a.mp3"]


def test_an_empty_file_is_given_more_time(inbox: Inbox, folder: Path, taker: Taker) -> None:
    (folder / "a.mp3").touch()
    for now in (0.0, 10.0, 59.0):
        inbox.step(now)
    assert taker.names == []
    inbox.step(60.0)
    assert taker.names == ["a.mp3"]


def test_what_is_refused_is_kept_with_the_reason(inbox: Inbox, folder: Path, taker: Taker) -> None:
    for number in (1, 2):
        (folder / "letter.txt").write_bytes(b"Dear me")
        taker.error = [NotAudio("letter.txt is not audio or video but text.")]
        inbox.step(number * 100.0)
        inbox.step(number * 100.0 + 3)
    kept = folder / "rejected"
    assert sorted(p.name for p in kept.iterdir()) == ["letter (2).txt", "letter (2).txt.txt", "letter.txt", "letter.txt.txt"]
    assert (kept / "letter.txt").read_bytes() == b"Dear me"
    assert "not audio or video but text" in (kept / "letter.txt.txt").read_text()
    assert taker.names == ["letter.txt"] * 2


def test_a_full_disk_or_an_odd_failure_is_tried_again_and_stops_nobody_else(inbox: Inbox, folder: Path, taker: Taker) -> None:
    names = ["a.mp3", "b.mp3", "c.mp3", "d.mp3"]
    for name in names:
        (folder / name).write_bytes(b"1")
    taker.error = [DiskFull("full"), RuntimeError("odd"), PermissionError("in use")]
    inbox.step(0.0)
    inbox.step(3.0)
    assert taker.names == names
    inbox.step(10.0)
    assert len(taker.names) == 4
    inbox.step(63.0)
    assert sorted(p.name for p in taker.to.iterdir()) == names


def test_a_file_that_its_owner_leaves_is_handed_over_once_a_version(folder: Path) -> None:
    names: list[str] = []
    inbox = Inbox(folder, lambda path: names.append(path.name), settle_seconds=1.0)
    (folder / "a.mp3").write_bytes(b"1")
    for now in (0.0, 1.0, 2.0, 3.0):
        inbox.step(now)
    assert names == ["a.mp3"]
    (folder / "a.mp3").write_bytes(b"12")
    for now in (4.0, 5.0, 6.0):
        inbox.step(now)
    assert names == ["a.mp3"] * 2


def test_a_missing_folder_is_waited_for(inbox: Inbox, folder: Path) -> None:
    folder.rmdir()
    assert inbox.step(0.0) > 0


@pytest.mark.long
@pytest.mark.parametrize("polling", ["auto", "always"])
def test_the_threads_take_what_was_there_and_what_comes(
    polling: str, folder: Path, taker: Taker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "POLL_SECONDS", 0.1)
    before = threading.active_count()
    (folder / "early.mp3").write_bytes(b"1")
    inbox = Inbox(folder, taker, polling=polling, settle_seconds=0.1)  # type: ignore[arg-type]
    inbox.start()
    try:
        assert taker.taken.wait(20)
        taker.taken.clear()
        (folder / "late.mp3").write_bytes(b"1")
        assert taker.taken.wait(20)
        taker.taken.clear()
        (folder / "My Show").mkdir()
        (folder / "My Show" / "last.mp3").write_bytes(b"1")
        assert taker.taken.wait(20)
    finally:
        inbox.stop()
    assert taker.names == ["early.mp3", "late.mp3", "last.mp3"]
    assert threading.active_count() == before


def test_polling_where_the_mount_or_the_setting_asks_for_it(
    inbox: Inbox, folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def polls(made: Inbox) -> bool:
        return made._needs_polling()

    assert polls(Inbox(folder, print, polling="always"))
    for kind, expected in (("ext4", False), ("9p", True), ("virtiofs", True)):
        (tmp_path / "mountinfo").write_text(f"1 0 8:1 / / rw - {kind} none rw\n")
        monkeypatch.setattr(module, "MOUNTINFO", str(tmp_path / "mountinfo"))
        assert polls(inbox) is expected
    monkeypatch.setattr(module, "MOUNTINFO", str(tmp_path / "missing"))
    assert polls(inbox)


def test_without_watches_left_the_inbox_is_polled(folder: Path, taker: Taker, monkeypatch: pytest.MonkeyPatch) -> None:
    real: Callable[..., object] = module.Inbox._watched
    tried: list[str] = []

    def watched(self: Inbox, observer: object) -> object:
        tried.append(type(observer).__name__)
        if len(tried) == 1:
            raise OSError(28, "inotify watch limit reached")
        return real(self, observer)

    monkeypatch.setattr(module.Inbox, "_watched", watched)
    inbox = Inbox(folder, taker)
    inbox.start()
    inbox.stop()
    assert tried[1:] == ["PollingObserver"]


ODD_NAMES = {
    "no UTF-8": b"\xff\xfe\xe9.mp3",
    "Latin-1": "été – Gespräch.mp3".encode("cp1252"),
    "half a pair of surrogates": b"\xed\xa0\x80.mp3",
    "as long as can be": b"n" * 251 + b".mp3",
    "long, of three bytes a character": "声".encode() * 83 + b".mp3",
    "long, no UTF-8": b"\xe9" * 251 + b".mp3",
    "no ending but a dot": b"m" * 254 + b".",
    "all of it an ending": b"a." + b"e" * 250,
    "control signs": b"a\x1b[31m\x07\r\nb.mp3",
    "only spaces": b"   ",
}


@pytest.mark.parametrize("name", ODD_NAMES.values(), ids=ODD_NAMES)
def test_an_odd_name_is_refused_like_any_other(inbox: Inbox, folder: Path, taker: Taker, name: bytes) -> None:
    path = folder / os.fsdecode(name)
    for turn in (1, 2):
        path.write_bytes(b"Dear me %d" % turn)
        taker.error = [NotAudio(f"{path.name} is not audio or video but text.", name=path.name)]
        inbox.step(turn * 100.0)
        inbox.step(turn * 100.0 + 3)
    kept = sorted((folder / "rejected").iterdir(), key=lambda each: each.stat().st_mtime_ns)
    assert sorted(each.read_bytes() for each in kept if not each.name.endswith(".txt")) == [b"Dear me 1", b"Dear me 2"]
    notes = [each.read_text(encoding="utf-8") for each in kept if each.name.endswith(".txt")]
    assert len(notes) == 2 and all("not audio or video but text" in note for note in notes)
    (folder / "good.mp3").write_bytes(b"1")
    inbox.step(300.0)
    inbox.step(303.0)
    assert taker.names[-1] == "good.mp3"


def test_a_note_is_written_over_no_file_of_its_owner(inbox: Inbox, folder: Path, taker: Taker) -> None:
    (folder / "rejected").mkdir()
    (folder / "rejected" / "a.mp3.txt").write_bytes(b"mine")
    (folder / "rejected" / "b.mp3").symlink_to("nowhere")
    for name in ("a.mp3", "b.mp3"):
        (folder / name).write_bytes(name.encode())
        taker.error.append(NotAudio(f"{name} is not audio or video but text."))
    inbox.step(0.0)
    inbox.step(3.0)
    assert (folder / "rejected" / "a.mp3.txt").read_bytes() == b"mine"
    assert [(folder / "rejected" / f"{name} (2).mp3").read_bytes() for name in "ab"] == [b"a.mp3", b"b.mp3"]


def test_whatever_a_look_ends_with_there_is_another_one(folder: Path, taker: Taker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RETRY_SECONDS", 0.0)
    inbox = Inbox(folder, taker, polling="always", settle_seconds=0.0)
    step, odd = inbox.step, [UnicodeEncodeError("utf-8", "\udcff", 0, 1, "no"), OSError(5, "Input/output error"), KeyError("x")]

    def stumbling(now: float) -> float:
        if odd:
            raise odd.pop()
        return step(now)

    monkeypatch.setattr(inbox, "step", stumbling)
    (folder / "a.mp3").write_bytes(b"1")
    inbox.start()
    try:
        assert taker.taken.wait(30.0)
    finally:
        inbox.stop()
    assert odd == []


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_watcher_whose_thread_died_takes_files_again(folder: Path, taker: Taker) -> None:
    def dies_once(path: Path) -> None:
        if not taker.names:
            taker.names.append("")
            raise SystemExit
        taker(path)

    inbox = Inbox(folder, dies_once, settle_seconds=0.01)
    (folder / "a.mp3").write_bytes(b"1")
    assert inbox.revive() == []
    inbox.start()
    try:
        until(inbox.dead)
        assert inbox.revive() == ["inbox"] and inbox.revive() == []
        assert taker.taken.wait(30.0)
    finally:
        inbox.stop()
