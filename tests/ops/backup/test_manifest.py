"""One manifest that lies costs its own backup a sentence, and the list of backups nothing."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from core.errors import CastMindError
from core.ops.backup import manifest
from tests.ops.backup.library import backups_of, fill

GOOD: dict[str, Any] = {
    "format": 1,
    "program": "CastMind",
    "version": "1.0",
    "kind": "manual",
    "created_at": 1.7e9,
    "schema": ["0001"],
    "files": [{"path": "castmind.db", "bytes": 1, "sha256": "a" * 64}],
    "skipped": [],
}
LONE = "\ud800"
BAD: list[tuple[str, Any]] = [
    *[("version", wrong) for wrong in (LONE, 7, None, [], "x" * 5000)],
    *[("kind", wrong) for wrong in (f"man{LONE}ual", {}, True)],
    *[("created_at", t) for t in (float("inf"), float("-inf"), float("nan"), -1, 10**400, 1e300, 2**63, "1.0", None, True, [])],
    *[("schema", wrong) for wrong in ("0001", None, [LONE], [1], {}, 5)],
    *[("files", wrong) for wrong in (None, {}, "x", [None], ["x"], [{}], [[]], 3, [{"path": 1, "bytes": 1, "sha256": "a"}])],
    *[
        ("files", [GOOD["files"][0] | {key: wrong}])
        for key, wrong in (("bytes", 2**63), ("bytes", 1.5), ("sha256", LONE), ("path", LONE))
    ],
    *[("files", [*GOOD["files"], {"path": f"media/{LONE}.mp3", "bytes": 1, "sha256": "a"}])],
    *[("skipped", wrong) for wrong in ("x", [LONE], [None], 1, None)],
    *[("format", wrong) for wrong in ("1", None, 2, [], 1.0, 10**300)],
]


def test_a_good_one_is_read() -> None:
    made = manifest.parse(json.dumps(GOOD))
    assert manifest.parse(made.to_json()) == made


@pytest.mark.parametrize(("key", "wrong"), BAD, ids=lambda value: ascii(value)[:30])
def test_a_manifest_that_lies_is_refused_in_a_sentence_that_can_be_sent(key: str, wrong: Any) -> None:
    with pytest.raises(CastMindError) as told:
        manifest.parse(json.dumps(GOOD | {key: wrong}))
    assert json.dumps([told.value.detail, told.value.params], ensure_ascii=False, allow_nan=False).encode()


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "NaN", "", "null", "[]", "1" * 5000], ids=lambda t: t[:8])
def test_what_is_no_manifest_is_refused(text: str) -> None:
    with pytest.raises(CastMindError):
        manifest.parse(text)


def test_the_list_shows_what_is_good_beside_all_that_is_bad(tmp_path: Path) -> None:
    fill(tmp_path, episodes=1)
    backups = backups_of(tmp_path)
    good = backups.create("manual", media=False)
    for number, (key, wrong) in enumerate(BAD):
        with zipfile.ZipFile(backups.folder / f"castmind-manual-20200101-{number:06}.zip", "w") as file:
            file.writestr("castmind.db", "x")
            file.writestr("manifest.json", json.dumps(GOOD | {key: wrong}))
    listed = backups.listing()
    assert len(listed) == len(BAD) + 1
    assert [backup.name for backup in listed if backup.error is None] == [good.name]
    assert all(str(backup.error).encode() for backup in listed if backup.error)
