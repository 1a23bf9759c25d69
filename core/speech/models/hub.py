"""Download a speech model from the Hugging Face hub or a mirror of it.

    revision ─► list of files with sizes and hashes ─► <name>.part/<file>, resumed ─► hashes checked ─► rename to <name>

The rename comes last, so a folder under its own name is always a whole model. A broken download is resumed from its files.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import httpx

from core.errors import DiskFull, SpeechModelMissing
from core.speech.models.model_choice import folder_name, repository

HUB = "https://huggingface.co"
WANTED = ("config.json", "preprocessor_config.json", "model.bin", "tokenizer.json", "vocabulary.*")
TIMEOUT = httpx.Timeout(20.0, connect=5.0)
BLOCK = 1 << 16
# Bytes of the disk that stay free for everything else.
SPARE_BYTES = 200 << 20


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file of a model. `sha256` for large files, otherwise `blob` (git's own hash) proves its content."""

    path: str
    size: int
    blob: str
    sha256: str | None


def download(model: str, models_dir: Path, endpoint: str, on_bytes: Callable[[int, int], None]) -> Path:
    """Return the folder of the downloaded model. `on_bytes(done, total)` is called as bytes arrive; an error that it raises ends
    the download.

    Raises SpeechModelMissing when it cannot be had, DiskFull when it does not fit; the files so far are kept in both cases.
    """
    target = models_dir / folder_name(model)
    name = repository(model)
    if name is None:
        raise SpeechModelMissing(
            f'There is no speech model called "{model}": it is neither a known name nor a folder with a model.',
            model=model,
            case="unknown",
        )
    try:
        with httpx.Client(base_url=endpoint or HUB, timeout=TIMEOUT, follow_redirects=True) as hub:
            _fetch_all(hub, name, target.with_name(target.name + ".part"), on_bytes)
    except httpx.HTTPError as error:
        raise SpeechModelMissing(_remedy(model, target, endpoint or HUB, error), model=model) from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(
                f"The disk is full: the speech model {model} does not fit. Free some space, and it continues automatically."
            ) from error
        raise
    _put_in_place(target.with_name(target.name + ".part"), target)
    return target


def _put_in_place(part: Path, target: Path) -> None:
    """Rename the folder; if the target exists (filled in part by hand), move file by file, the weights last."""
    if target.exists():
        for file in sorted(part.iterdir(), key=lambda f: f.name == "model.bin"):
            file.replace(target / file.name)
        part.rmdir()
    else:
        part.rename(target)


def _fetch_all(hub: httpx.Client, name: str, part: Path, on_bytes: Callable[[int, int], None]) -> None:
    revision = _json(hub, f"/api/models/{name}/revision/main")["sha"]
    files = [f for f in _listing(hub, name, revision) if any(fnmatch(f.path, wanted) for wanted in WANTED)]
    total = sum(f.size for f in files)
    part.mkdir(parents=True, exist_ok=True)
    here = {f.path: _size(part / f.path) for f in files}
    missing = total - sum(here.values())
    if shutil.disk_usage(part).free < missing + SPARE_BYTES:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    done = 0
    for file in files:
        for size in _fetch(hub, f"/{name}/resolve/{revision}/{file.path}", file, part / file.path):
            on_bytes(done + size, total)
        done += file.size


def _listing(hub: httpx.Client, name: str, revision: str) -> Iterator[RemoteFile]:
    for row in _json(hub, f"/api/models/{name}/tree/{revision}"):
        if row.get("type") == "file":
            large = row.get("lfs") or {}
            yield RemoteFile(row["path"], int(large.get("size") or row["size"]), row["oid"], large.get("oid"))


def _json(hub: httpx.Client, path: str) -> Any:
    answer = hub.get(path)
    answer.raise_for_status()
    try:
        return answer.json()
    except ValueError as error:
        raise httpx.DecodingError(f"{answer.url} does not answer like a model hub") from error


def _fetch(hub: httpx.Client, url: str, file: RemoteFile, target: Path) -> Iterator[int]:
    """Append to the partial file, and yield the size reached. A finished file with the wrong content is deleted."""
    here = _size(target)
    if here < file.size:
        with hub.stream("GET", url, headers={"Accept-Encoding": "identity", "Range": f"bytes={here}-"}) as answer:
            answer.raise_for_status()
            if answer.status_code != httpx.codes.PARTIAL_CONTENT:
                here = 0
            with target.open("ab" if here else "wb") as out:
                for block in answer.iter_bytes(BLOCK):
                    out.write(block)
                    here += len(block)
                    yield here
                out.flush()
                os.fsync(out.fileno())
    if here < file.size:
        raise httpx.RemoteProtocolError(f"{file.path} ended early")
    if not _is_right(file, target):
        target.unlink()
        raise httpx.RemoteProtocolError(f"{file.path} arrived damaged and was thrown away")
    yield file.size


def _is_right(file: RemoteFile, target: Path) -> bool:
    if _size(target) != file.size:
        return False
    digest = hashlib.sha256() if file.sha256 else hashlib.sha1(b"blob %d\0" % file.size, usedforsecurity=False)
    with target.open("rb") as content:
        while block := content.read(BLOCK):
            digest.update(block)
    return digest.hexdigest() == (file.sha256 or file.blob)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _remedy(model: str, target: Path, endpoint: str, error: httpx.HTTPError) -> str:
    if isinstance(error, httpx.HTTPStatusError):
        what = f"answers {error.response.status_code} for it"
    elif isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
        what = f"cannot be reached ({error})"
    else:
        what = f"broke off ({error or type(error).__name__}); what arrived is kept"
    return (
        f"The speech model {model} is not on this computer, and {endpoint} {what}. The audio is kept, and the work resumes "
        f"automatically once the model is there: set HF_ENDPOINT to a mirror, or put the model's files into {target}."
    )
