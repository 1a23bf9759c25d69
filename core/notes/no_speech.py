"""Write notes on a recording in which nobody speaks: said plainly, and without asking anybody."""

from __future__ import annotations

from core.domain.notes.note import Notes

_SAID = {
    "en": "Nobody speaks in this recording. There is nothing to note.",
    "zh": "这段录音里没有人说话。没有可以记录的内容。",
}


def nobody_speaks(language: str) -> Notes:
    said = _SAID["zh" if language.startswith("zh") else "en"]
    return Notes(tldr=said, coverage=1.0, language=language)
