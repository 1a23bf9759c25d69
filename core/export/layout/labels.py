"""Define the fixed words of an exported file, in the language of its notes. Files outlive the pages, so they carry their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Headings:
    listen: str
    points: str
    chapters: str
    terms: str
    actions: str
    own_notes: str
    highlights: str
    feed: str
    people: str
    transcript: str
    unverified: str
    silence: str
    extractive: str
    written_by: str
    coverage: str
    speech: str
    speech_whole: str
    speech_place: str
    comma: str
    colon: str
    colours: Mapping[str, str]


ENGLISH = Headings(
    listen="Listen",
    points="Key points",
    chapters="Chapters",
    terms="Names and terms",
    actions="To do",
    own_notes="My notes",
    highlights="Highlights",
    feed="Feed",
    people="People",
    transcript="Transcript",
    unverified="unverified",
    silence="Nobody speaks in this audio.",
    extractive="Sentences chosen from the transcript, without a language model.",
    written_by="Written by {model}.",
    coverage="{share}% of the transcript was read.",
    speech="{share}% of the speech has words. Without: {places}.",
    speech_whole="All of the speech has words.",
    speech_place="{seconds} s at {time}",
    comma=", ",
    colon=": ",
    colours={"yellow": "yellow", "green": "green", "blue": "blue", "pink": "pink"},
)
CHINESE = Headings(
    listen="收听",
    points="要点",
    chapters="章节",
    terms="人名与术语",
    actions="待办",
    own_notes="我的笔记",
    highlights="高亮",
    feed="播客",
    people="人物",
    transcript="文字稿",
    unverified="未核实",
    silence="这段音频中没有人说话。",
    extractive="由文字稿中的原句选出，未使用语言模型。",
    written_by="由 {model} 撰写。",
    coverage="已读文字稿的 {share}%。",
    speech="语音中 {share}% 有文字。无文字之处：{places}。",
    speech_whole="所有语音均有文字。",
    speech_place="{time}（{seconds} 秒）",
    comma="、",
    colon="：",
    colours={"yellow": "黄色", "green": "绿色", "blue": "蓝色", "pink": "粉色"},
)


def headings(language: str) -> Headings:
    """Return Chinese for any Chinese code (`zh`, `zh-TW`, `yue`), English for the rest."""
    return CHINESE if language.lower().split("-")[0] in ("zh", "yue") else ENGLISH
