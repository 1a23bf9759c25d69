"""Recognise a file by its first bytes: a quick check before it is stored or given to a decoder.

`sniff` knows the signatures of media and of files that people drop by mistake. `check_head` refuses a file only if it is surely
no audio or video; files of unknown kind go on to `probe`, which decides.
"""

from __future__ import annotations

import re

from core.errors import EmptyUpload, NotAudio

HEAD = 4096

_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"ID3", "audio/mpeg"),
    (0, b"OggS", "audio/ogg"),
    (0, b"fLaC", "audio/flac"),
    (4, b"ftyp", "video/mp4"),
    (4, b"moov", "video/quicktime"),
    (4, b"mdat", "video/quicktime"),
    (4, b"wide", "video/quicktime"),
    (0, b"\x1a\x45\xdf\xa3", "video/x-matroska"),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "video/x-ms-asf"),
    (0, b"FLV\x01", "video/x-flv"),
    (0, b"\x00\x00\x01\xba", "video/mpeg"),
    (0, b"\x00\x00\x01\xb3", "video/mpeg"),
    (0, b"#!AMR", "audio/amr"),
    (0, b"caff", "audio/x-caf"),
    (0, b"wvpk", "audio/x-wavpack"),
    (0, b"MAC ", "audio/x-ape"),
    (0, b".snd", "audio/basic"),
    (0, b"TTA1", "audio/x-tta"),
    (0, b"\x0b\x77", "audio/ac3"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF8", "image/gif"),
    (0, b"II*\x00", "image/tiff"),
    (0, b"MM\x00*", "image/tiff"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"PK\x03\x04", "application/zip"),
    (0, b"PK\x05\x06", "application/zip"),
    (0, b"\x1f\x8b\x08", "application/gzip"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (0, b"Rar!\x1a\x07", "application/vnd.rar"),
    (0, b"\xfd7zXZ\x00", "application/x-xz"),
    (0, b"\x28\xb5\x2f\xfd", "application/zstd"),
    (0, b"\x7fELF", "application/x-executable"),
    (0, b"MZ", "application/x-executable"),
    (0, b"MThd", "audio/midi"),
    (0, b"SQLite format 3\x00", "application/vnd.sqlite3"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/msword"),
)
_RIFF = {b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo", b"WEBP": "image/webp"}
_IMAGE_BRANDS = (b"avif", b"avis", b"heic", b"heix", b"mif1", b"msf1", b"crx ")
_PLAYLIST = re.compile(rb"\s*(?:#EXTM3U|\[playlist\]|ffconcat version|<\?wpl|<asx)", re.IGNORECASE)
_HTML = re.compile(rb"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|script|title)\b", re.IGNORECASE | re.DOTALL)
_CONTROL = bytes(b for b in range(32) if b not in b"\t\n\r\f\x1b")


def sniff(head: bytes) -> str | None:
    """Return the MIME type by the first bytes (HEAD of them suffice); None for an unknown kind."""
    if head[:4] in (b"RIFF", b"RF64", b"FORM"):
        return _RIFF.get(head[8:12], "audio/aiff" if head[8:12] in (b"AIFF", b"AIFC") else None)
    if head[4:8] == b"ftyp" and head[8:12] in _IMAGE_BRANDS:
        return "image/heif"
    for offset, signature, kind in _SIGNATURES:
        if head.startswith(signature, offset):
            return kind
    if len(head) > 188 and head[0] == head[188] == 0x47:
        return "video/mp2t"
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0 and head[:2] not in (b"\xff\xff", b"\xff\xfe"):
        return "audio/mpeg"
    return _sniff_text(head)


def check_head(head: bytes, *, name: str = "The file") -> None:
    """Raise EmptyUpload for no bytes at all, NotAudio for a file that is surely no audio or video."""
    if not head:
        raise EmptyUpload(f"{name} is empty. Nothing was kept.")
    kind = sniff(head)
    if kind is not None and (not kind.startswith(("audio/", "video/")) or kind == "audio/midi"):
        raise NotAudio(f"{name} is not audio or video but {_in_words(kind)}. Nothing was kept.", kind=kind)


def _sniff_text(head: bytes) -> str | None:
    """Return the MIME type of text; None for other bytes. Text has no control bytes but white space, audio has many."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) and len(head) > 2:
        wide = head[2 : len(head) & ~1].decode("utf-16-le" if head[0] == 0xFF else "utf-16-be", errors="replace")
        return "text/plain" if sum(c.isprintable() or c.isspace() for c in wide) > 0.95 * len(wide) else None
    body = head.removeprefix(b"\xef\xbb\xbf")
    if not body.strip() or body.translate(None, _CONTROL) != body:
        return None
    if _PLAYLIST.match(body):
        return "application/vnd.apple.mpegurl"
    if _HTML.match(body):
        return "text/html"
    return "application/xml" if body.lstrip().startswith(b"<") else "text/plain"


def _in_words(kind: str) -> str:
    words = {
        "text/html": "a web page",
        "application/vnd.apple.mpegurl": "a playlist, as for streaming (HLS), whose pieces are not fetched",
        "application/pdf": "a PDF document",
        "application/zip": "an archive or an office document",
        "application/x-executable": "a program",
        "audio/midi": "a MIDI file, which holds notes instead of sound",
    }
    return words.get(kind) or {"image": "an image", "text": "text"}.get(kind.partition("/")[0], f"a file of type {kind}")
