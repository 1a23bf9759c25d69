"""Subscriptions that are refused because the feed is there."""

from __future__ import annotations

from functools import partial

import pytest

from core.errors import Conflict
from core.services.feeds.refusals import refuse_second
from core.store.db.database import Store
from core.store.feeds import feeds


def test_an_address_that_is_subscribed_is_named_with_its_feed(store: Store) -> None:
    number = store.write(partial(feeds.add, values={"url": "https://a.example/feed", "title": "A show"}, now=1.0))
    store.write(lambda db: refuse_second(db, "https://b.example/feed"))
    with pytest.raises(Conflict, match="A show is subscribed") as refused:
        store.write(lambda db: refuse_second(db, "https://b.example/feed", "https://a.example/feed"))
    assert refused.value.params == {"id": number, "state": "subscribed", "case": "subscribed", "title": "A show"}
