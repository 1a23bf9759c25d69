"""The formats of an exported episode, and of a clip of its audio."""

from __future__ import annotations

from enum import StrEnum


class Form(StrEnum):
    MD = "md"
    TXT = "txt"
    SRT = "srt"
    VTT = "vtt"
    JSON = "json"
    HTML = "html"
    DOCX = "docx"
    PDF = "pdf"


class ClipForm(StrEnum):
    MP3 = "mp3"
    M4A = "m4a"
