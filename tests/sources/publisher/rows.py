"""Segments of a publisher's transcript, as rows to compare."""

from __future__ import annotations

from core.sources.publisher.transcript import parse

SRT = """1
00:00:01,000 --> 00:00:03,500
Ann: Welcome to the show.

2
00:00:03,500 --> 01:00:05,000
It is late.

3
01:00:06,000 --> 01:00:07,000
Bob: No.

4
01:00:08,000 --> 01:00:09,000
Ann: Go on.

5
01:00:10,000 --> 01:00:11,000
Bob: Yes.""".replace("\n", "\r\n")


def rows(body: str | bytes, media_type: str | None = None) -> list[tuple[float, float, str, str | None]]:
    found = parse(body.encode() if isinstance(body, str) else body, media_type)
    return [(s.start, s.end, s.text, s.speaker) for s in found.segments]


def captions(*cues: str) -> str:
    """SubRip, a cue a second."""
    return "\n\n".join(f"{n}\n00:00:{n:02},000 --> 00:00:{n:02},900\n{words}" for n, words in enumerate(cues, 1)) + "\n"


def said(body: str | bytes, *people: str) -> list[tuple[str, str | None]]:
    found = parse(body.encode() if isinstance(body, str) else body, people=people)
    return [(s.text, s.speaker) for s in found.segments]
