"""The publisher's offers, in the order in which they are tried, and their documents as they are stored."""

from __future__ import annotations

import json

import pytest

from core.domain.episodes.publisher_extras import (
    Chapters,
    ExtraKind,
    Offer,
    SuppliedChapter,
    SuppliedTranscript,
    in_order,
)
from core.domain.transcripts.transcript import Segment, Word


def transcript(url: str, media_type: str | None = None, language: str | None = None) -> Offer:
    return Offer(ExtraKind.TRANSCRIPT, url, media_type, language)


def test_chapters_come_first_then_the_richest_form_of_the_transcript() -> None:
    chapters = Offer(ExtraKind.CHAPTERS, "https://a.example/chapters.json")
    offers = [
        transcript("https://a.example/t", "text/html"),
        transcript("https://a.example/t.srt"),
        transcript("https://a.example/t", "text/vtt"),
        transcript("https://a.example/t.pdf"),
        chapters,
        transcript("https://a.example/t", "application/json"),
        transcript("https://a.example/t", "application/x-subrip"),
    ]
    found = [(offer.kind, offer.media_type or offer.url) for offer in in_order(offers, None)]
    assert found == [
        (ExtraKind.CHAPTERS, chapters.url),
        (ExtraKind.TRANSCRIPT, "application/json"),
        (ExtraKind.TRANSCRIPT, "text/vtt"),
        (ExtraKind.TRANSCRIPT, "https://a.example/t.srt"),
        (ExtraKind.TRANSCRIPT, "application/x-subrip"),
        (ExtraKind.TRANSCRIPT, "text/html"),
        (ExtraKind.TRANSCRIPT, "https://a.example/t.pdf"),
    ]


@pytest.mark.parametrize(("language", "first"), [("en", "en-GB"), ("zh-CN", "zh"), ("fr", "en-GB"), (None, "en-GB")])
def test_the_spoken_language_goes_before_the_form(language: str | None, first: str) -> None:
    offers = [transcript("https://a.example/t.json", language="en-GB"), transcript("https://a.example/t.html", language="zh")]
    assert in_order(offers, language)[0].language == first


def test_an_offer_without_a_language_is_not_put_back() -> None:
    offers = [transcript("https://a.example/t.html", language="en"), transcript("https://a.example/t.vtt")]
    assert in_order(offers, "en")[0].language is None


@pytest.mark.parametrize(
    "document",
    [
        Chapters((SuppliedChapter("Start", 0.0), SuppliedChapter("End", 9.5, "https://a.example", "https://a.example/p.png"))),
        SuppliedTranscript((Segment(0, 0.0, 1.0, "Hello.", "A", words=(Word(0.0, 0.5, "Hello.", 0.9),)),), "en"),
        SuppliedTranscript((Segment(0, 0.0, 0.0, "Hello."),), None, timed=False),
    ],
)
def test_a_document_comes_back_as_it_was_stored(document: Chapters | SuppliedTranscript) -> None:
    assert type(document).from_dict(json.loads(json.dumps(document.to_dict()))) == document


def test_a_transcript_of_before_had_times() -> None:
    assert SuppliedTranscript.from_dict({"segments": []}).timed
