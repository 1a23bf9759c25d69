"""The child process of `web_page`: run yt-dlp, which finds and fetches the audio that a web page plays.

channel (stdin) ─▶ the order ─▶ limits ─▶ extract info ─▶ one recording: its metadata ─▶ the best audio into a file ─▶ done
                     ▲                    live, a list, nothing ─▶ refused                  │ progress
                     └── every connection comes from core/net/proxy_guard ◀────┘

It opens no socket and starts no program: the kernel refuses both. Each message to the parent is a line of JSON on stdout.
"""

from __future__ import annotations

import json
import mimetypes
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

# No user plugins, and no HTTP library but the standard one, whose connections this module can replace.
os.environ["YTDLP_NO_PLUGINS"] = "1"
for _name in ("requests", "websockets", "curl_cffi"):
    sys.modules[_name] = None  # type: ignore[assignment]

import yt_dlp  # noqa: E402
from yt_dlp.networking import _urllib, exceptions  # noqa: E402

from core.net.proxy_line import CERTIFICATES, ProxyChannel  # noqa: E402
from core.sandbox.child import enter  # noqa: E402

MEMORY_LIMIT = 2 << 30
CPU_SECONDS = 3600
# Never resolved: the parent hands out the connections. It only makes yt-dlp speak to a proxy.
PROXY = "http://guard.invalid:80"
SAID = 500
PASSING = (408, 425, 429, 500, 502, 503, 504)


class _Log:
    """A logger for yt-dlp that writes to stderr; the parent reads only the end of it."""

    def debug(self, text: str) -> None:
        """Drop the message: `say` reports progress."""

    def warning(self, text: str) -> None:
        sys.stderr.write(text[:SAID] + "\n")

    error = warning


def options(order: dict[str, Any], say: Any) -> dict[str, Any]:
    """Return yt-dlp's options: no configuration, cookie, cache, external program or postprocessor is used."""

    def progress(state: dict[str, Any]) -> None:
        if state["status"] == "downloading":
            total = state.get("total_bytes") or state.get("total_bytes_estimate") or 0
            say(done=int(state.get("downloaded_bytes") or 0), total=int(total))

    return {
        "format": "bestaudio/best",
        "outtmpl": {"default": order["output"].replace("%", "%%")},
        "max_filesize": order["most"],
        "proxy": PROXY,
        "logger": _Log(),
        "progress_hooks": [progress],
        "noplaylist": True,
        "playlistend": 2,
        "extract_flat": "in_playlist",
        "socket_timeout": 30,
        "retries": 3,
        "fragment_retries": 3,
        "extractor_retries": 1,
        "fixup": "never",
        "external_downloader": {"default": "native"},
        "hls_prefer_native": True,
        "js_runtimes": {},
        "cachedir": False,
        "nopart": True,
        "overwrites": True,
        "updatetime": False,
        "noprogress": True,
        "quiet": True,
    }


def work(order: dict[str, Any], say: Any) -> None:
    with yt_dlp.YoutubeDL(options(order, say)) as tool:
        found = tool.extract_info(order["url"], download=False)
        why = refusal(found)
        if why:
            say(refused=why)
            return
        say(about=about(tool.sanitize_info(found)))
        tool.process_ie_result(found, download=True)
    # yt-dlp skips a file larger than `max_filesize` silently.
    say(kept=True) if Path(order["output"]).is_file() else say(refused="large")


def refusal(found: dict[str, Any] | None) -> str | None:
    """Return why this is no recording to fetch: `nothing`, `playlist` or `live`; None if it is one."""
    if not found:
        return "nothing"
    if found.get("_type", "video") != "video":
        return "playlist"
    if found.get("is_live") or found.get("live_status") in ("is_live", "is_upcoming"):
        return "live"
    return None


NAMES = ("title", "description", "timestamp", "upload_date", "duration", "thumbnail", "webpage_url", "uploader", "extractor")


def about(found: dict[str, Any]) -> dict[str, Any]:
    chapters = [{"title": c.get("title"), "start": c.get("start_time")} for c in (found.get("chapters") or [])[:500]]
    return {name: found.get(name) for name in NAMES} | {"chapters": chapters}


def failure(error: BaseException) -> str:
    """Return the kind of failure: `nothing`, `error`, `unknown`, or `network`, which is worth a retry."""
    behind = list(causes(error))
    if any(isinstance(each, yt_dlp.utils.UnsupportedError) for each in behind):
        return "nothing"
    for each in behind:
        if isinstance(each, exceptions.HTTPError):
            return "network" if each.status in PASSING else "error"
        if isinstance(each, exceptions.CertificateVerifyError):
            return "error"
    return "network" if any(isinstance(each, exceptions.TransportError) for each in behind) else "unknown"


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield the error and its causes, which yt-dlp keeps in its own attributes."""
    seen: set[int] = set()
    while isinstance(error, BaseException) and id(error) not in seen:
        seen.add(id(error))
        yield error
        inner = getattr(error, "exc_info", None)
        error = (inner[1] if inner else None) or getattr(error, "cause", None)


def main(out: TextIO) -> None:
    def say(**what: Any) -> None:
        out.write(json.dumps(what) + "\n")
        out.flush()

    channel = ProxyChannel(0)
    order = channel.order()
    _urllib.create_connection = channel.connect
    mimetypes.init()  # before the limits: it reads files all over the system
    folder = Path(order["output"]).parent
    enter(memory=MEMORY_LIMIT, cpu_seconds=CPU_SECONDS, written=order["most"], reads=CERTIFICATES, keeps=folder, speaks=True)
    try:
        work(order, say)
    except yt_dlp.utils.YoutubeDLError as error:
        say(refused=failure(error), said=yt_dlp.utils.remove_terminal_sequences(str(error))[:SAID])


if __name__ == "__main__":
    # `print` in any library must not reach the parent.
    sys.stdout, _out = sys.stderr, sys.stdout
    main(_out)
