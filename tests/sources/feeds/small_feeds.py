"""Small feeds around one piece of markup."""

from __future__ import annotations

URL = "https://pods.example/shows/feed.xml"


NAMESPACES = {
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "media": "http://search.yahoo.com/mrss/",
    "podcast": "https://podcastindex.org/namespace/1.0",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
    "slash": "http://purl.org/rss/1.0/modules/slash/",
    "wfw": "http://wellformedweb.org/CommentAPI/",
    "thr": "http://purl.org/rss/1.0/modules/threading/",
    "admin": "http://webns.net/mvcb/",
    "feedburner": "http://rssnamespace.org/feedburner/ext/1.0",
    "creativecommons": "http://backend.userland.com/creativeCommonsRssModule",
    "atom": "http://www.w3.org/2005/Atom",
    "googleplay": "http://www.google.com/schemas/play-podcasts/1.0",
    "acast": "https://schema.acast.com/1.0/",
}


def rss(inside: str, *, head: str = "", root: str = "") -> bytes:
    return f"{head}<rss version='2.0'{root}><channel><title>Show</title>{inside}</channel></rss>".encode()
