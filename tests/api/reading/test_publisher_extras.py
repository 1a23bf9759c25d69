from __future__ import annotations

from typing import Any

import httpx

from core.domain.episodes.publisher_extras import (
    Chapters,
    ExtraKind,
    Offer,
    OfferOutcome,
    Origin,
    SuppliedChapter,
    SuppliedTranscript,
)
from core.domain.transcripts.transcript import Segment
from core.services.reading.publisher_extras import keep
from core.store.library import publisher_extras
from tests.api.conftest import Running, is_problem
from tests.fakes.podcast_host import PodcastHost


def test_chapters_and_the_publishers_transcript(api: httpx.Client, services: Running, episode: dict[str, Any]) -> None:
    url, number = f"/episodes/{episode['id']}", episode["id"]
    assert api.get(f"{url}/chapters").json() == {"source": None, "items": []}
    assert is_problem(api.get(f"{url}/supplied/transcript"), 404, "not_found")
    text = SuppliedTranscript((Segment(0, 0.0, 1.0, "Hello.", "Ann"),), "en")
    outcome = OfferOutcome(Offer(ExtraKind.TRANSCRIPT, "https://key@pods.example/t.vtt"), text)
    services.store.write(lambda db: publisher_extras.offer(db, number, [outcome.offer]))
    services.store.write(lambda db: keep(db, number, [outcome], now=5.0))
    made = Chapters((SuppliedChapter("One", 0.0, "https://a.example/"),))
    services.store.write(lambda db: publisher_extras.save(db, number, Origin.FILE, made, now=5.0))
    assert api.get(f"{url}/chapters").json() == {
        "source": "file",
        "items": [{"title": "One", "start": 0.0, "link": "https://a.example/", "picture": None}],
    }
    assert api.get(f"{url}/chapters", params={"source": "publisher"}).json()["items"] == []
    (segment,) = api.get(f"{url}/supplied/transcript").json()["segments"]
    assert (segment["text"], segment["speaker"]) == ("Hello.", "Ann")
    status = api.get(f"{url}/supplied")
    assert (status.json()["chapters"], status.json()["transcript"]) == (["file"], ["publisher"])
    assert "key@" not in status.text
    for path in ("chapters", "supplied", "supplied/transcript"):
        assert is_problem(api.get(f"/episodes/99/{path}"), 404, "not_found")


def test_offers_are_fetched_again_when_asked(api: httpx.Client, services: Running, episode: dict[str, Any]) -> None:
    with PodcastHost() as host:
        offer = Offer(ExtraKind.CHAPTERS, host.audio_url("c.json"))
        services.store.write(lambda db: publisher_extras.offer(db, episode["id"], [offer]))
        first = api.post(f"/episodes/{episode['id']}/supplied/refresh").json()
        assert "404" in first["offers"][0]["error"]
        host.files["c.json"] = b'{"chapters": [{"startTime": 1, "title": "One"}]}'
        second = api.post(f"/episodes/{episode['id']}/supplied/refresh").json()
        assert (second["chapters"], second["offers"][0]["error"]) == (["publisher"], None)
