"""A stored name leads to a file of the data folder, or nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.files.stored_names import inside, is_there, remove

OUTSIDE = [
    *(
        "/etc/passwd",
        "../secret",
        "uploads/../secret.key",
        "uploads/../../secret",
        "media/..",
        "./uploads/a.mp3",
        "uploads//a.mp3",
    ),
    *(
        "uploads",
        "uploads/",
        "",
        ".",
        "castmind.db",
        "secret.key",
        "exports/1-a.md",
        "backups/b.zip",
        "models/m.bin",
        "Uploads/a.mp3",
    ),
    *("uploads/a\0.mp3", "uploads/a\n.mp3", "uploads/\ud800.mp3", "uploads\\a.mp3", "uploads/..\\a.mp3", "uploads/" + "a" * 256),
    *("//uploads/a.mp3", "file:///etc/passwd", "uploads/\u202ea.mp3", "~/a.mp3", "uploads/" + "a/../" * 50 + "../../x"),
]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    made = tmp_path / "data"
    for name in ("uploads", "media"):
        (made / name).mkdir(parents=True)
        (made / name / "a.mp3").write_bytes(b"sound")
    (made / "secret.key").write_bytes(b"key")
    (tmp_path / "secret").write_bytes(b"secret")
    return made


@pytest.mark.parametrize("name", OUTSIDE)
def test_what_leaves_the_folder_leads_nowhere(data: Path, name: str) -> None:
    before = {path: path.read_bytes() for path in data.parent.rglob("*") if path.is_file()}
    assert inside(data, name) is None
    assert not is_there(data, name)
    assert not remove(data, name)
    assert {path: path.read_bytes() for path in data.parent.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("name", ["uploads/a.mp3", "media/a.mp3"])
def test_what_lies_there_is_found_and_removed(data: Path, name: str) -> None:
    assert inside(data, name) == data / name
    assert is_there(data, name)
    assert remove(data, name)
    assert not remove(data, name)
    assert inside(data, name) == data / name


def test_no_link_leads_out_but_the_folder_itself_may_lie_elsewhere(data: Path, tmp_path: Path) -> None:
    (data / "uploads" / "link.mp3").symlink_to(tmp_path / "secret")
    (data / "uploads" / "folder").symlink_to(tmp_path)
    (data / "uploads" / "key.mp3").symlink_to(data / "secret.key")
    (data / "uploads" / "round").symlink_to(data / "uploads" / "round")
    for name in ("link.mp3", "folder/secret", "key.mp3", "round/a.mp3"):
        assert inside(data, f"uploads/{name}") is None
        assert not remove(data, f"uploads/{name}")
    (data / "media").rename(tmp_path / "disk")
    (data / "media").symlink_to(tmp_path / "disk")
    assert is_there(data, "media/a.mp3")


def test_what_is_no_text_leads_nowhere(data: Path) -> None:
    for name in (None, 7, b"uploads/a.mp3", 1.5):
        assert inside(data, name) is None  # type: ignore[arg-type]
