"""Whether a feed's body is of the shape that feeds have, found out by expat, which no body can keep busy.

    body ─▶ well-formed? declares no entities? not nested deep, not full of attributes? ─▶ tame

feedparser takes time that grows with the square of some of these (20,000 attributes on one element: 4 s; 200,000: minutes), and
for a broken document falls back on a parser in Python. What is not tame is parsed where time is limited.
"""

from __future__ import annotations

from xml.parsers import expat

DEEPEST = 64
MOST_ATTRIBUTES = 64


class _WildError(Exception):
    pass


def tame(body: bytes) -> bool:
    """Of a body in UTF-8, whatever it says of its encoding."""
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
