"""`kill -9` at every single step of the exchange: after the next start the state is the old one or the new one, whole."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.errors import StartError
from core.ops.backup.folder_swap import Swap
from tests.ops.backup.library import tree

ITEMS = ["castmind.db", "castmind.db-wal", "uploads", "exports", "media/b"]

EXCHANGE = """
import os, signal, sys
from pathlib import Path
from core.ops.backup import folder_swap

left = int(sys.argv[2])
def counted(step):
    def stepping(*arguments, **named):
        global left
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left -= 1
        return step(*arguments, **named)
    return stepping

for name in ("rename", "unlink", "rmdir", "replace", "mkdir"):
    setattr(Path, name, counted(getattr(Path, name)))
for name in ("unlink", "rmdir", "fsync"):
    setattr(os, name, counted(getattr(os, name)))

made = folder_swap.Swap(Path(sys.argv[1]))
what = sys.argv[3]
if what == "exchange":
    made.begin(sys.argv[4:])
    made.carry_out()
    made.commit()
elif what == "undo":
    made.roll_back()
elif what == "recover":
    made.recover()
print(left)
"""


def old_state(data: Path) -> dict[str, str]:
    (data / "uploads").mkdir(parents=True)
    (data / "media").mkdir()
    (data / "castmind.db").write_text("old")
    (data / "castmind.db-wal").write_text("old log")
    (data / "uploads" / "a").write_text("old a")
    (data / "media" / "a").write_text("stays")
    (data / "media" / "b").write_text("scrambled")
    return tree(data)


def ready(data: Path) -> Swap:
    """An exchange whose new state is unpacked."""
    swap = Swap(data)
    swap.prepare()
    for name, text in (("castmind.db", "new"), ("uploads/b", "new b"), ("exports/e.md", "new e"), ("media/b", "mended")):
        path = swap.new / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return swap


def run(data: Path, steps: int, what: str) -> int | None:
    """Steps that were left over; None when it was killed."""
    done = subprocess.run(
        [sys.executable, "-c", EXCHANGE, str(data), str(steps), what, *ITEMS], capture_output=True, text=True, check=False
    )
    assert done.returncode in (0, -9), done.stderr
    return int(done.stdout) if done.returncode == 0 else None


@pytest.fixture(scope="module")
def whole_states(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, str], dict[str, str]]:
    """(the old state, the new state)."""
    data = tmp_path_factory.mktemp("states") / "data"
    old = old_state(data)
    swap = ready(data)
    swap.begin(ITEMS)
    swap.carry_out()
    swap.commit()
    new = tree(data)
    assert new != old
    assert {"castmind.db", "uploads/b", "exports/e.md", "media/a", "media/b"} == new.keys()
    return old, new


@pytest.mark.parametrize("each", [2, pytest.param(1, marks=pytest.mark.long)])
def test_killed_at_any_step_it_is_the_old_or_the_new_state(
    tmp_path: Path, whole_states: tuple[dict[str, str], dict[str, str]], each: int
) -> None:
    seen = []
    for steps in range(0, 10_000, each):
        data = tmp_path / str(steps)
        old_state(data)
        ready(data)
        left = run(data, steps, "exchange")
        Swap(data).recover()
        assert tree(data) in whole_states, f"after {steps} steps"
        seen.append(whole_states.index(tree(data)))
        assert not (data / ".restore").exists()
        if left is not None:
            break
    assert seen[0] == 0 and seen[-1] == 1
    assert seen == sorted(seen), "once it counts as done it stays done"
    assert len(seen) > 20 / each, "that many steps were tried"


@pytest.mark.long
def test_killed_again_while_it_is_undone_it_is_still_the_old_state(
    tmp_path: Path, whole_states: tuple[dict[str, str], dict[str, str]]
) -> None:
    for steps in range(10_000):
        data = tmp_path / str(steps)
        old_state(data)
        swap = ready(data)
        swap.begin(ITEMS)
        swap.carry_out()
        (data / "castmind.db-wal").write_text("of the new one, which was opened")
        left = run(data, steps, "recover")
        Swap(data).recover()
        assert tree(data) == whole_states[0], f"after {steps} steps"
        if left is not None:
            break
    assert steps > 10


def test_nothing_to_recover_is_no_matter(tmp_path: Path) -> None:
    before = old_state(tmp_path / "data")
    assert Swap(tmp_path / "data").recover() is None
    assert tree(tmp_path / "data") == before


def test_what_was_unpacked_and_never_swapped_goes(tmp_path: Path) -> None:
    before = old_state(tmp_path / "data")
    ready(tmp_path / "data")
    assert Swap(tmp_path / "data").recover() is None
    assert tree(tmp_path / "data") == before


def test_the_state_before_can_be_kept(tmp_path: Path) -> None:
    data = tmp_path / "data"
    old_state(data)
    swap = ready(data)
    swap.begin(ITEMS)
    swap.carry_out()
    swap.commit(keep="damaged-1")
    assert (data / "damaged-1" / "castmind.db").read_text() == "old"
    assert (data / "damaged-1" / "uploads" / "a").read_text() == "old a"
    assert not (data / ".restore").exists()


# --- folders that stay where they are -----------------------------------------------------------------

OLD, NEW = "a" * 64, f"{'b' * 64}.mp3"


def far_state(data: Path) -> dict[str, str]:
    """As `old_state`, with folders that are links."""
    old_state(data)
    (data / "uploads" / "a").rename(data / "uploads" / OLD)
    (data / "uploads" / "somebody's own").write_text("stays")
    elsewhere = data.parent / f"{data.name}-elsewhere"
    elsewhere.mkdir()
    for name in ("uploads", "media"):
        (data / name).rename(elsewhere / name)
        (data / name).symlink_to(elsewhere / name)
    return seen(data)


def seen(data: Path) -> dict[str, str]:
    """Every file by its name, links followed, and none that is hidden left behind."""
    found = {}
    for root, _, names in os.walk(data, followlinks=True):
        for name in names:
            path = Path(root, name)
            found[path.relative_to(data).as_posix()] = path.read_text()
    return found


def far_ready(data: Path) -> Swap:
    swap = ready(data)
    (swap.new / "uploads" / "b").rename(swap.new / "uploads" / NEW)
    return swap


def far_items(swap: Swap) -> list[str]:
    return ["castmind.db", "castmind.db-wal", *swap.items("uploads"), *swap.items("exports"), "media/b"]


@pytest.mark.long
def test_killed_at_any_step_folders_that_are_links_hold_the_old_or_the_new_state(tmp_path: Path) -> None:
    old = {**far_state(tmp_path / "first")}
    stays = {"uploads/somebody's own": "stays", "media/a": "stays"}
    new = {"castmind.db": "new", f"uploads/{NEW}": "new b", "exports/e.md": "new e", "media/b": "mended", **stays}
    counted = []
    for steps in range(10_000):
        data = tmp_path / str(steps)
        far_state(data)
        swap = far_ready(data)
        assert swap.items("uploads") == [f"uploads/{OLD}", f"uploads/{NEW}"]
        done = subprocess.run(
            [sys.executable, "-c", EXCHANGE, str(data), str(steps), "exchange", *far_items(swap)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode in (0, -9), done.stderr
        Swap(data).recover()
        assert seen(data) in (old, new), f"after {steps} steps"
        assert (data / "uploads").is_symlink() and (data / "media").is_symlink()
        assert not (data / ".restore").exists() and not (data / "uploads" / ".restore").exists()
        counted.append(seen(data) == new)
        if done.returncode == 0:
            break
    assert counted == sorted(counted) and not counted[0] and counted[-1] and len(counted) > 25


@pytest.mark.parametrize("steps", [0, 1, 2, 3, 4, 6, 9, None])
def test_what_lay_in_a_link_can_be_kept_too(tmp_path: Path, steps: int | None) -> None:
    data = tmp_path / "data"
    far_state(data)
    swap = far_ready(data)
    swap.begin(far_items(swap))
    swap.carry_out()
    if steps is not None:
        code = EXCHANGE.replace("made.recover()", "made.commit('damaged-1')")
        subprocess.run([sys.executable, "-c", code, str(data), str(steps + 3), "recover"], check=False, capture_output=True)
        if Swap(data).recover() == "undone":
            assert seen(data)["castmind.db"] == "old"
            return
    else:
        swap.commit("damaged-1")
    assert (data / "damaged-1" / "castmind.db").read_text() == "old"
    assert (data / "damaged-1" / "uploads" / OLD).read_text() == "old a"
    assert (data / "uploads" / NEW).read_text() == "new b" and not (data / "uploads" / OLD).exists()
    again = far_ready(data)
    assert again.items("uploads") == [f"uploads/{NEW}"]
    again.clear()
    assert (data / "damaged-1" / "uploads" / OLD).read_text() == "old a"


def test_a_disk_that_is_away_keeps_the_state_before_from_being_given_up(tmp_path: Path) -> None:
    data = tmp_path / "data"
    before = far_state(data)
    swap = far_ready(data)
    swap.begin(far_items(swap))
    swap.carry_out()
    away = tmp_path / "data-elsewhere"
    away.rename(tmp_path / "unplugged")
    with pytest.raises(StartError, match="Mount the disk"):
        Swap(data).recover()
    (tmp_path / "unplugged").rename(away)
    assert Swap(data).recover() == "undone"
    assert seen(data) == before
