"""Report oddities of a feed that can be read: shown on its card, and by the API.

    no entries, no audio, cut off, an older page missing, more pages than are read,
    silent for longer than it ever was ─▶ a sentence each

A show that says that it is finished is never silent, and an unreadable feed has its error instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from core.domain.feeds.feed import Feed
from core.message import Message

DAY = 24 * 3600.0
# Polls request an unreadable older page this often; later only unconditional polls do, once a week.
MOST_PAGE_TRIES = 10
_STOPPED = "After ten attempts, CastMind now tries once a week; to try right away, check for new episodes."
_CONTINUES = "The next check continues from there."


@dataclass(frozen=True, slots=True)
class FeedRemarks:
    """A document's own statements: how many `items` it has, with audio or without; whether it ends where it should; whether
    the publisher says that no more will come."""

    items: int
    cut_off: bool = False
    complete: bool = False


def remarks(feed: Feed, now: float) -> tuple[Message, ...]:
    """Return sentences, with keys `remark.…`."""
    if feed.error or feed.items is None:
        return ()
    found = []
    if feed.cut_off:
        found.append(
            Message(
                "The feed was cut off at the last check: its end is missing, and perhaps some episodes. Everything you had is "
                "kept, and CastMind reads the whole feed at every check until it is complete.",
                "remark.cut_off",
            )
        )
    if feed.next_page:
        found.append(_stopped(feed))
    if feed.items == 0 and not feed.cut_off:
        found.append(Message("The feed has no episodes right now.", "remark.empty"))
    elif feed.items and not feed.with_audio:
        found.append(_without_audio(feed.url, feed.items))
    elif (silence := feed.rhythm.silence(now)) is not None and not feed.complete:
        days, usual, gap = round(silence / DAY), _span(feed.gap or 0.0), (feed.gap or 0.0) / DAY
        found.append(
            Message(
                f"Nothing new for {days} days; before that, something new came every {usual}. CastMind keeps checking; perhaps "
                "the podcast has ended or moved to another address.",
                "remark.silent",
                days=days,
                usual=usual,
                gap=round(gap) if gap >= 1.0 else round(gap, 1),
            )
        )
    return tuple(found)


def _stopped(feed: Feed) -> Message:
    if feed.pages_enough:
        return Message(
            f"The feed lists its older episodes on pages, and has more than the {feed.pages} that were read: the limit is 101 "
            "pages or 20,000 episodes per feed. What was read is kept; you can add older episodes by the address of their audio.",
            "remark.pages_enough",
            pages=feed.pages,
        )
    rests = feed.page_tries >= MOST_PAGE_TRIES
    return Message(
        f"The feed lists its older episodes on pages: {feed.pages} could be read, the next one could not. What was read is kept. "
        + (_STOPPED if rests else _CONTINUES),
        "remark.stopped_for_good" if rests else "remark.stopped",
        pages=feed.pages,
    )


def _without_audio(url: str, items: int) -> Message:
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    if host in ("youtube.com", "youtu.be"):
        return Message(
            f"The feed has {items} items, but no audio to download: YouTube channels list only pages. If the extra for web pages "
            "is installed, add single videos by their address.",
            "remark.no_audio_youtube",
            items=items,
        )
    return Message(
        f"The feed has {items} items, but no audio or video to download. It may be a website's article feed: look for the "
        "podcast's own feed on its website, and enter it under Options.",
        "remark.no_audio",
        items=items,
    )


def _span(seconds: float) -> str:
    if seconds < 1.5 * DAY:
        return "day" if seconds > DAY / 2 else f"{max(round(seconds / 3600), 1)} hours"
    return f"{round(seconds / DAY)} days"
