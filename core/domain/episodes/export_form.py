"""The formats in which an episode, or a passage of its audio, is taken away."""

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
