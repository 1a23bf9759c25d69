"""Search the full-text index.

Query ─▶ search_scope: where ─▶ search_candidates: which rowids, the best or the newest first
      ─▶ groups by episode ─▶ the texts to show ─▶ each hit checked and marked ─▶ Found
      └▶ facets: the feeds and tags of the episodes

The content of the index is defined in documents.py, its updates in index.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from core.domain.episodes.search_query import Hint, Query, QueryFilter
from core.domain.episodes.search_result import DocumentKind, Group, Hit, SearchResult
from core.store.db.sqlite import Database
from core.store.search import candidates as search_candidates
from core.store.search import context, documents, facets, text_folding
from core.store.search.candidates import Candidates, candidates, scattered
from core.store.search.documents import SearchDocument
from core.store.search.scope import scope
from core.store.search.snippet import cut
from core.store.search.text_folding import Sought


def find(db: Database, query: Query, *, groups: int = 20, per_group: int = 5, hits: int | None = None) -> SearchResult:
    """Return the best `groups` episodes with at most `per_group` hits each, and only as many as give `hits` in all.

    Call it inside one snapshot.
    """
    hints = list(query.hints)
    wanted = [sought for term in query.wanted if (sought := text_folding.sought(term.text, prefix=term.prefix))]
    where = scope(db, query, hints)
    limits = [each for each in query.filters if each.name != "in"]
    asked = wanted or any(not each.excluded for each in limits) or query.after is not None or query.before is not None
    if where is None or not asked:
        if not hints:
            hints.append(Hint(_missing(query, limits)))
        return SearchResult(hints=tuple(hints))
    found = candidates(db, query, wanted, where)
    if not found.by_episode and len(wanted) > 1 and (apart := scattered(db, query, wanted, where)).by_episode:
        found = apart
        hints.append(Hint("scattered"))
    shown = tuple(_groups(db, found, wanted, (groups, per_group, hits)))
    if found.at_least and wanted:
        hints.append(Hint("newest_first", str(search_candidates.RANKED)))
    return SearchResult(
        shown,
        found.total - found.dropped,
        found.at_least,
        found.order,
        tuple(hints),
        found.kinds,
        *facets.of(db, found.by_episode),
    )


def _missing(query: Query, limits: Sequence[QueryFilter]) -> str:
    """Return the code of the hint for a query that asks for nothing."""
    if query.unwanted or limits:
        return "only_excluded"
    return "only_kinds" if query.filters else "nothing_sought"


# --- displayed parts -----------------------------------------------------------------------------------


def _groups(db: Database, found: Candidates, wanted: Sequence[Sought], limits: tuple[int, int, int | None]) -> Iterator[Group]:
    groups, per_group, most = limits
    given = shown = 0
    for episode_id, rows in found.by_episode.items():
        if given >= groups or (most is not None and shown >= most):
            return
        if found.order == "newest" and not found.scattered:
            rows.sort()
        hits = _hits(db, episode_id, rows, wanted=wanted, limit=per_group, found=found)
        if hits:
            given += 1
            shown += len(hits)
            yield _group(db, episode_id, hits, len(rows), wanted)


def _group(db: Database, episode_id: int, hits: Sequence[Hit], count: int, wanted: Sequence[Sought]) -> Group:
    row = db.execute(
        "SELECT episodes.title, feeds.title, coalesce(published_at, episodes.created_at) FROM episodes "
        "LEFT JOIN feeds ON feeds.id = episodes.feed_id WHERE episodes.id = ?",
        [episode_id],
    ).fetchone()
    ordered = sorted(
        hits, key=lambda hit: (hit.kind is not DocumentKind.TITLE, hit.start is None, hit.start or 0.0, hit.kind, hit.place)
    )
    marks = text_folding.find(row[0], wanted, some=True) or ()
    return Group(episode_id, row[0], row[1], row[2], tuple(ordered), count, tuple(marks))


def _hits(
    db: Database, episode_id: int, rows: Sequence[int], *, wanted: Sequence[Sought], limit: int, found: Candidates
) -> list[Hit]:
    """Return the first rows that really match. Index and text should agree; if they do not, the text decides."""
    hits: list[Hit] = []
    texts: dict[DocumentKind, Mapping[int, SearchDocument]] = {}
    for row in rows:
        if len(hits) >= limit:
            break
        _, kind, place = documents.address(row)
        document = _document(db, episode_id, kind, place, texts)
        marks = text_folding.find(document.text, wanted, some=found.scattered) if document else None
        if document is None or marks is None:
            found.dropped += 1
            continue
        snippet, shown = cut(document.text, marks)
        matches = partial(_matches, wanted, some=found.scattered)
        words = context.around(db, episode_id, (kind, place), document, texts=texts, found=matches)
        hits.append(Hit(kind, place, document.start, snippet, tuple(shown), document.speaker, *words))
    return hits


def _matches(wanted: Sequence[Sought], text: str, *, some: bool) -> bool:
    return text_folding.find(text, wanted, some=some) is not None


def _document(
    db: Database, episode_id: int, kind: DocumentKind, place: int, texts: dict[DocumentKind, Mapping[int, SearchDocument]]
) -> SearchDocument | None:
    """Return the text of a hit; a text that is stored as a whole is read once."""
    if kind in (DocumentKind.SEGMENT, DocumentKind.REMARK):
        return documents.documents(db, episode_id, [kind], {place}).get(documents.slot(kind, place))
    if kind not in texts:
        texts[kind] = documents.documents(db, episode_id, [kind])
    return texts[kind].get(documents.slot(kind, place))
