"""Choose an item's enclosure: the attachment that is audio or video.

    <enclosure>, Atom's link rel="enclosure"  ─▶ sure ─▶ else in doubt ─┐
    <media:content>                           ─▶ sure ─▶ else in doubt ─┴─▶ the first of them, or none

Publishers leave the type out or call everything octet-stream. Then the file extension decides. Without one, an <enclosure> counts
as audio; a <media:content> without type and duration does not, because it is mostly a picture of the author.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from core.sources.sanitize import clean_line, web_url


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_MEDIA = _words(
    "mp3 mp2 mpga m4a m4b m4r mp4 m4v aac ac3 adts ogg oga ogv ogx opus spx wav wave w64 aif aiff aifc caf flac alac ape wv "
    "tta mka mkv webm mov wma wmv asf avi mpg mpeg mpe 3gp 3g2 amr ts flv au snd"
)
_OTHER = _words(
    "jpg jpeg jpe jfif png gif webp avif heic heif bmp ico svg svgz tif tiff psd pdf epub mobi azw azw3 djvu doc docx odt "
    "rtf txt md tex csv tsv xls xlsx ods ppt pptx odp key pages numbers ps eps zip rar 7z tar gz tgz bz2 xz iso dmg exe msi "
    "apk deb rpm jar torrent htm html xhtml xml rss atom json srt vtt ass lrc css js swf ics vcf jp2 jxl apng cbz cbr fb2 azw4 "
    "docm odg gpx kml kmz stl ttf otf woff woff2 ai indd sub cue nfo asc sha256 md5 zst lz4 ipynb yaml yml epub3 ps1 sh "
    "m3u m3u8 pls xspf mpd smil wpl"
)
# Types without a slash that mean audio or video; "mp3" and the like are in the list of extensions.
_BARE = frozenset(("audio", "video", "mpeg3", "podcast"))
_NO_MEDIUM = frozenset(("image", "document", "executable"))
_SAYS_NOTHING = _words(
    "application/octet-stream binary/octet-stream application/binary application/ogg application/mp4 application/x-mp4 "
    "application/force-download application/x-download application/download application/unknown unknown/unknown "
    "application/x-unknown unknown none null"
)
_NAMES = _words("file filename name path url src download f attachment")
_ENDING = re.compile(r"\.([a-z0-9]{1,8})$")


class _Verdict(Enum):
    YES = 2
    DOUBT = 1
    NO = 0


def enclosure(raw: Mapping[str, Any], url: str) -> tuple[str, str | None, int | None] | None:
    """Return (URL, MIME type in lower case, bytes) for an item of feedparser's; None without an enclosure.

    URLs are resolved against the feed's `url`.
    """
    attached = list(_attached(raw.get("enclosures") or (), url, listed=True))
    described = list(_attached(raw.get("media_content") or (), url, listed=False))
    for candidates in (attached, described):
        for wanted in (_Verdict.YES, _Verdict.DOUBT):
            for verdict, found in candidates:
                if verdict is wanted:
                    return found
    return None


def _attached(
    candidates: Iterable[Mapping[str, Any]], url: str, *, listed: bool
) -> Iterable[tuple[_Verdict, tuple[str, str | None, int | None]]]:
    for candidate in candidates:
        address = web_url(candidate.get("href") or candidate.get("url"), url)
        if not address:
            continue
        kind = clean_line(str(candidate.get("type") or ""), 100).lower() or None
        medium = str(candidate.get("medium") or "").strip().lower()
        verdict = _verdict(address, kind, medium)
        if verdict is _Verdict.DOUBT and not listed and kind is None and not candidate.get("duration"):
            verdict = _Verdict.NO
        size = str(candidate.get("length") or candidate.get("filesize") or "").strip()
        length = int(size) if size.isascii() and size.isdecimal() and len(size) < 16 and 0 < int(size) < 1 << 50 else None
        yield verdict, (address, kind, length)


def _verdict(address: str, kind: str | None, medium: str) -> _Verdict:
    if medium in _NO_MEDIUM:
        return _Verdict.NO
    said = (kind or "").partition(";")[0].strip()
    if said.startswith(("audio/", "video/")) or said.lstrip(".") in _MEDIA | _BARE:
        return _Verdict.YES
    ending = _ending(address)
    if ending in _MEDIA:
        return _Verdict.YES
    if ending in _OTHER or not (said == "" or said in _SAYS_NOTHING):
        return _Verdict.NO
    return _Verdict.YES if medium in ("audio", "video") else _Verdict.DOUBT


def _ending(address: str) -> str:
    """Return the known extension of the path's last name, or of a file that the query names; "" without any."""
    parts = urlsplit(address)
    named = [unquote(parts.path)]
    try:
        named += [value for key, value in parse_qsl(parts.query, max_num_fields=50) if key.lower() in _NAMES]
    except ValueError:
        named = named[:1]
    endings = [found[1] for name in named if (found := _ENDING.search(name.strip().rstrip("/").partition("?")[0].lower()))]
    return next((ending for ending in endings if ending in _MEDIA), next((e for e in endings if e in _OTHER), ""))
