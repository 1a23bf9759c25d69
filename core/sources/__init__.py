"""Sources of audio, and of the texts that belong to it.

    a file in the browser ─▶ uploads/ ────────┐                      ┌─▶ media/probe ─▶ format and duration
    a file in data/inbox ──▶ uploads/inbox ───┼─▶ <name>.part, hash ─┤
    an enclosure ──────────▶ media/download ──┘                      └─▶ partial_files.keep ─▶ <sha256>.<extension>
    a feed ─▶ feeds/fetch ─▶ feeds/parse ─▶ core.domain.feeds.feed decides which entries are new
                                   └─ offers ─▶ publisher/fetch ─▶ publisher/chapters, publisher/transcript

All requests go through `core.net.web` (and so through `core.net.addresses`), all files through `core.files.partial_files`, all
text that pages show through `sanitize`. A new source is a module here that ends in `partial_files.keep`. Nothing here uses the
database: a step of the pipeline joins the two.
"""
