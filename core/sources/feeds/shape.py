"""Check with expat, whose time no body can drive up, that a body has the usual shape of a feed.

    body ─▶ well-formed? declares no entities? not deeply nested, few attributes? ─▶ tame

feedparser's time grows with the square of some of these (20,000 attributes on one element: 4 s; 200,000: minutes), and for a
broken document it falls back on a parser in Python. A body that is not tame is parsed in a process with limited time.
"""

from __future__ import annotations

from xml.parsers import expat

DEEPEST = 64
MOST_ATTRIBUTES = 64


class _WildError(Exception):
    pass


def tame(body: bytes) -> bool:
    """Return whether a body, which is UTF-8 even if it declares another encoding, is safe to parse in this process."""
    depth = 0

    def start(_name: str, attributes: list[str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEEPEST or len(attributes) > 2 * MOST_ATTRIBUTES:
            raise _WildError

    def end(_name: str) -> None:
        nonlocal depth
        depth -= 1

    def entity(*_: object) -> None:
        raise _WildError

    parser = expat.ParserCreate("utf-8")
    parser.ordered_attributes = True
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    parser.StartElementHandler, parser.EndElementHandler, parser.EntityDeclHandler = start, end, entity
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, _WildError, ValueError, LookupError):
        return False
    return True
