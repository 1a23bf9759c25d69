"""Bulk actions (`castmind.bulk_actions`): one action on many episodes, given by their ids or by a Filter.

    ids or Filter ─▶ ids ─▶ batches, each one transaction ─▶ Done(changed, skipped)

Transactions are short: another writer waits for one batch, never for ten thousand episodes. An episode to which the action does
not apply (nothing to cancel, in the trash, deleted) is skipped and counted; the others are processed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from core.domain.accounts.actor import Actor
from core.domain.episodes.episode import Filter
from core.domain.episodes.tag import Tag
from core.errors import Conflict, NotFound, UserError
from core.services.library.trash import Trash, batches
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.jobs import jobs
from core.store.library import listing, reading_states, tags
from core.transactions import episode_jobs

Which = Filter | Iterable[int]
LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class Done:
    """The number of changed episodes, and of those skipped because the action did not apply to them."""

    changed: int
    skipped: int


class BulkActions:
    """Safe to call from any thread."""

    def __init__(self, store: Store, trash: Trash, *, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._trash = trash
        self._clock = clock

    def act(self, actor: Actor, action: str, which: Which, *, tag: str = "", tag_id: int = 0) -> Done:
        """Run an action by its name; `tag` is the name of the tag to add or to remove, `tag_id` the tag to remove.

        Raises KeyError for an unknown action, and the errors of the action.
        """
        actions: dict[str, Callable[[], Done]] = {
            "transcribe": lambda: self.transcribe(actor, which),
            "retry": lambda: self.retry(actor, which),
            "cancel": lambda: self.cancel(actor, which),
            "star": lambda: self.star(actor, which),
            "unstar": lambda: self.star(actor, which, False),
            "read": lambda: self.mark_read(actor, which),
            "unread": lambda: self.mark_read(actor, which, False),
            "tag": lambda: self.tag(actor, which, tag),
            "untag": lambda: self.untag(actor, which, tag_id or self._known_tag(tag)),
            "delete": lambda: self.delete(actor, which),
            "restore": lambda: self.restore(actor, which),
            "purge": lambda: self.purge(actor, which),
        }
        return actions[action]()

    # --- the pipeline ---------------------------------------------------------------------------

    def transcribe(self, actor: Actor, which: Which) -> Done:
        """Enqueue all stages of episodes without jobs; retry stages that failed, were cancelled or wait."""
        return self._each(actor, which, lambda db, episode_id: episode_jobs.transcribe_if_new(db, episode_id, now=self._clock()))

    def retry(self, actor: Actor, which: Which) -> Done:
        return self._each(actor, which, episode_jobs.retry)

    def cancel(self, actor: Actor, which: Which) -> Done:
        return self._each(actor, which, lambda db, episode_id: episode_jobs.cancel(db, episode_id, now=self._clock()))

    # --- marks ----------------------------------------------------------------------------------

    def star(self, actor: Actor, which: Which, starred: bool = True) -> Done:
        return self._mark(actor, which, "starred_at", starred)

    def mark_read(self, actor: Actor, which: Which, read: bool = True) -> Done:
        return self._mark(actor, which, "read_at", read)

    # --- tags -----------------------------------------------------------------------------------

    def tags(self, actor: Actor) -> list[Tag]:
        """Return all tags by name, with their numbers of episodes."""
        return tags.listing(self._store.read())

    def create_tag(self, actor: Actor, name: str) -> Tag:
        """Return the tag of that name; create it if it does not exist. Raises UserError."""
        wanted = _tag_name(name)
        tag_id = self._store.write(lambda db: tags.named(db, wanted, now=self._clock()))
        return tags.get(self._store.read(), tag_id)

    def rename_tag(self, actor: Actor, tag_id: int, name: str) -> Tag:
        """Rename a tag. Raises NotFound, UserError, Conflict if another tag has the name."""
        wanted = _tag_name(name)
        self._store.write(lambda db: tags.rename(db, tag_id, wanted))
        self._publish(actor, tags.carrying(self._store.read(), tag_id))
        return tags.get(self._store.read(), tag_id)

    def remove_tag(self, actor: Actor, tag_id: int) -> None:
        """Delete a tag; its episodes stay. Raises NotFound."""
        self._publish(actor, self._store.write(lambda db: tags.remove(db, tag_id)))

    def tag(self, actor: Actor, which: Which, name: str) -> Done:
        """Add a tag to episodes; create it if it does not exist. Raises UserError."""
        tag_id = self.create_tag(actor, name).id
        return self._in_batches(actor, which, partial(_put_tag, tag_id=tag_id))

    def untag(self, actor: Actor, which: Which, tag_id: int) -> Done:
        """Remove a tag from episodes. Raises NotFound if the tag does not exist."""
        tags.get(self._store.read(), tag_id)
        return self._in_batches(actor, which, partial(_take_tag_off, tag_id=tag_id))

    def _known_tag(self, name: str) -> int:
        tag_id = tags.find(self._store.read(), _tag_name(name))
        if tag_id is None:
            raise NotFound(f"There is no tag “{name}”.", name=name)
        return tag_id

    # --- the trash ------------------------------------------------------------------------------

    def delete(self, actor: Actor, which: Which) -> Done:
        chosen = self.ids(actor, which)
        return _done(chosen, self._trash.delete(actor, chosen))

    def restore(self, actor: Actor, which: Which) -> Done:
        chosen = self.ids(actor, which)
        return _done(chosen, self._trash.restore(actor, chosen))

    def purge(self, actor: Actor, which: Which) -> Done:
        """Delete for good the episodes that are in the trash; skip the others."""
        chosen = self.ids(actor, which)
        gone = set(listing.ids(self._store.read(), Filter(deleted=True), user_id=actor.user_id))
        return _done(chosen, self._trash.purge(actor, (i for i in chosen if i in gone)))

    # --- helpers --------------------------------------------------------------------------------

    def ids(self, actor: Actor, which: Which) -> list[int]:
        """Return the ids that match the filter, or the given ids without duplicates."""
        if isinstance(which, Filter):
            return listing.ids(self._store.read(), which, user_id=actor.user_id)
        return list(dict.fromkeys(which))

    def _each(self, actor: Actor, which: Which, order: Callable[[Any, int], None]) -> Done:
        def change(db: Database, batch: list[int]) -> int:
            return sum(_tried(order, db, episode_id) for episode_id in batch)

        return self._in_batches(actor, which, change)

    def _mark(self, actor: Actor, which: Which, column: str, marked: bool) -> Done:
        return self._in_batches(
            actor, which, partial(_marked, user_id=actor.user_id, column=column, at=self._clock() if marked else None)
        )

    def _in_batches(self, actor: Actor, which: Which, change: Callable[[Any, list[int]], int]) -> Done:
        chosen, changed = self.ids(actor, which), 0
        for batch in batches(chosen):
            changed += self._store.write(partial(_run, change=change, batch=batch))
        return _done(chosen, changed)

    def _publish(self, actor: Actor, episode_ids: list[int]) -> None:
        self._in_batches(actor, episode_ids, _publish_again)


def _run(db: Database, change: Callable[[Any, list[int]], int], batch: list[int]) -> int:
    return change(db, batch)


def _marked(db: Database, batch: list[int], *, user_id: int, column: str, at: float | None) -> int:
    return reading_states.mark(db, user_id, batch, column=column, at=at)


def _done(chosen: list[int], changed: int) -> Done:
    return Done(changed, len(chosen) - changed)


def _tried(order: Callable[[Any, int], None], db: Database, episode_id: int) -> bool:
    try:
        order(db, episode_id)
    except (Conflict, NotFound):
        return False  # counted as skipped; it must not stop the rest of the batch
    return True


def _publish_again(db: Database, batch: list[int]) -> int:
    for episode_id in batch:
        jobs.publish_again(db, episode_id)
    return len(batch)


def _put_tag(db: Database, batch: list[int], *, tag_id: int) -> int:
    return _publish_again(db, tags.put(db, tag_id, batch))


def _take_tag_off(db: Database, batch: list[int], *, tag_id: int) -> int:
    return _publish_again(db, tags.take_off(db, tag_id, batch))


def _tag_name(name: str) -> str:
    wanted = " ".join(name.replace("#", " ").split())
    if not wanted or len(wanted) > LONGEST_NAME:
        raise UserError(
            f"A tag's name has 1 to {LONGEST_NAME} characters. Nothing was changed.", case="tag_name", most=LONGEST_NAME
        )
    return wanted
