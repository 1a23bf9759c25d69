"""How audio gets in.

    a file in the browser ─▶ upload ──┐                      ┌─▶ probe ─▶ what it is, how long it is
    a file in data/inbox ──▶ inbox ───┼─▶ <name>.part, hash ─┤
    an enclosure ──────────▶ download ┘                      └─▶ parts.keep ─▶ <sha256>.<ending>
    a feed ─▶ feed_fetch ─▶ feed_parse ─▶ core.domain.feeds.feed decides what is new
                                   └─ offers ─▶ supplied_fetch ─▶ chapters, published_transcript

Whatever is fetched goes through `web` (and so through `addresses`), whatever is stored through `parts`, whatever is shown
through `clean`. A new way in is a module here that ends in `parts.keep`; what is joined with the database is a stage.
"""
