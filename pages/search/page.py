"""Search in everything said, noted or written in the library. `?q=` holds the query.

field ─▶ castmind.search ─┬─▶ hints, number of hits ─▶ a card an episode: its hits, each a link to its moment ─▶ more
                          └─ empty ─▶ the query syntax
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import streamlit as st

from core import app
from core.domain.episodes.search_result import DocumentKind, Group, Hit, SearchResult
from core.domain.transcripts.transcript import join_text
from pages.search import search_hits
from pages.shared import formats
from pages.shared.escape_markdown import plain
from pages.text import t
from pages.visitor import me

EPISODES = 15
HITS = 4
ALL_HITS = 200
# The part of the episode's page that shows each kind of hit; spoken words and titles need none.
PARTS = {
    DocumentKind.NOTE: "notes",
    DocumentKind.OWN_NOTE: "own",
    DocumentKind.REMARK: "highlights",
    DocumentKind.SHOW_NOTE: "about",
    DocumentKind.PUBLISHED: "publisher",
}
WAYS = ("words", "phrase", "prefix", "without", "feed", "speaker", "tag", "time")


def _field() -> str:
    """Draw the field and return the query. Whichever changed since the last run counts: the URL (a link, a button) or the input.

    A callback is not used: one that runs while the reader turns to another page would write into that page's URL.
    """
    asked = st.query_params.get("q", "").strip()
    # Streamlit drops the field's state when another page is visited.
    if st.session_state.get("search.asked") != asked or "search.q" not in st.session_state:
        st.session_state["search.q"] = asked
    typed = st.text_input(
        t("search.field"),
        key="search.q",
        type="search",
        placeholder=t("search.placeholder"),
        label_visibility="collapsed",
        icon=":material/search:",
    )
    text = (typed or "").strip()
    if text != asked:
        _look_for(text)
    st.session_state["search.asked"] = text
    return text


def _look_for(text: str) -> None:
    if text.strip():
        st.query_params["q"] = text.strip()
    else:
        st.query_params.pop("q", None)


def _ways() -> None:
    """Draw the query syntax, with an example of each form."""
    st.caption(t("search.scope"))
    with st.container(key="search-ways", gap="xsmall"):
        for way in WAYS:
            example, meaning = st.columns([2, 3], vertical_alignment="center")
            example.markdown(f"`{t(f'search.way.{way}')}`")
            meaning.markdown(t(f"search.way.{way}.means"))


def _answer(text: str) -> None:
    shown_key = f"search.shown.{text}"
    episodes = int(st.session_state.get(shown_key, EPISODES))
    per_group = ALL_HITS if "episode:" in text else HITS
    found = app.current().search.find(me(), text, groups=episodes + 1, per_group=per_group, zone=formats.zone())
    for hint in found.hints:
        st.caption(f":material/info: {t(f'search.hint.{hint.code}', value=plain(hint.value))}")
    st.caption(_counted(found))
    for group in found.groups[:episodes]:
        _card(text, group)
    if len(found.groups) > episodes:
        st.button(t("search.more"), key="search.more", on_click=_show, args=(shown_key, episodes + EPISODES))


def _show(key: str, episodes: int) -> None:
    st.session_state[key] = episodes


def _counted(found: SearchResult) -> str:
    if not found.groups:
        return t("search.nothing")
    if found.at_least:
        return t("search.at_least", n=f"{found.total:,}")
    return t("search.one" if found.total == 1 else f"search.{found.order}", n=f"{found.total:,}")


def _card(text: str, group: Group) -> None:
    with st.container(border=True, key=f"found-{group.episode_id}", gap="xsmall"):
        st.page_link(
            "episode/page.py",
            label=f"**{marked(group.title, group.marks)}**",
            query_params={"id": str(group.episode_id)},
            width="stretch",
        )
        st.caption(" · ".join(_facts(group)))
        for number, hit in enumerate(hit for hit in group.hits if hit.kind is not DocumentKind.TITLE):
            _hit(group.episode_id, number, hit)
        rest = group.count - len(group.hits)
        if rest > 0:
            st.button(
                t("search.rest", n=rest),
                key=f"search.rest.{group.episode_id}",
                type="tertiary",
                icon=":material/unfold_more:",
                on_click=_look_for,
                args=(f"{text} episode:{group.episode_id}",),
            )


def _facts(group: Group) -> Iterator[str]:
    if group.feed_title:
        yield plain(group.feed_title, 80)
    yield formats.date(group.published_at)
    yield t("search.hit" if group.count == 1 else "search.hits", n=group.count)


def _hit(episode_id: int, number: int, hit: Hit) -> None:
    place = {"id": str(episode_id)} | ({"t": f"{hit.start:g}"} if hit.start is not None else {})
    place |= {"part": PARTS[hit.kind]} if hit.kind in PARTS else {}
    with st.container(key=f"hit-{episode_id}-{number}"):
        st.page_link(
            "episode/page.py",
            label=f"**{_where(hit)}**\u2002{marked(*_in_context(hit))}",
            query_params=place,
            width="stretch",
        )


def _in_context(hit: Hit) -> tuple[str, list[tuple[int, int]]]:
    """Return the hit with the words around it, and its marks in that."""
    text = join_text((hit.before, hit.snippet))
    shift = len(text) - len(hit.snippet)
    return join_text((text, hit.after)), [(start + shift, end + shift) for start, end in hit.marks]


def _where(hit: Hit) -> str:
    words = [plain(formats.clock(hit.start))] if hit.start is not None else []
    if hit.kind is not DocumentKind.SEGMENT:
        words.append(t(f"search.kind.{hit.kind.name.lower()}"))
    elif hit.speaker:
        words.append(plain(hit.speaker, 40))
    return " · ".join(words)


def marked(text: str, marks: Iterable[tuple[int, int]]) -> str:
    """Return Markdown that shows exactly the characters of the text, with the matches highlighted."""
    out, done = "", 0
    for start, end in marks:
        out += _kept(text[done:start]) + f":primary-background[{_kept(text[start:end])}]"
        done = end
    return out + _kept(text[done:])


def _kept(text: str) -> str:
    """Escape the text, keeping spaces at its ends: `plain` drops them, but here they separate words."""
    if not text.strip():
        return " " if text else ""
    return (" " if text[0].isspace() else "") + plain(text, len(text)) + (" " if text[-1].isspace() else "")


def draw() -> None:
    st.title(t("nav.search"))
    text = _field()
    if text:
        _answer(text)
    else:
        _ways()
    search_hits.mount(focus=not text)


draw()
