"""The confined process of `document`: parse one document of a publisher.

one line of JSON {kind, url, media_type, language, people}, then the body ─▶ limits ─▶ chapters | transcript
                                            stdout ◀─ JSON, or exit status 3 with a message: not valid ◀─┘
"""

from __future__ import annotations

import json
import sys
from typing import Any

from core.domain.episodes.publisher_extras import Document, ExtraKind
from core.errors import UserError
from core.sandbox.child import enter
from core.sources.publisher import chapters, transcript

MEMORY_LIMIT = 1 << 30
CPU_SECONDS = 20
MOST_WRITTEN = 64 << 20
REFUSED = 3


def read(body: bytes, asked: dict[str, Any]) -> Document:
    """Parse the body as the kind that was asked for. Raises UserError if it is no such document."""
    if asked["kind"] == ExtraKind.CHAPTERS:
        return chapters.parse(body, asked["url"])
    return transcript.parse(body, asked["media_type"], asked["language"], asked["people"])


def main() -> int:
    enter(memory=MEMORY_LIMIT, cpu_seconds=CPU_SECONDS, written=MOST_WRITTEN)
    asked = json.loads(sys.stdin.buffer.readline())
    try:
        answer = json.dumps(read(sys.stdin.buffer.read(), asked).to_dict(), ensure_ascii=False)
    except UserError as error:
        sys.stdout.write(error.detail)
        return REFUSED
    sys.stdout.buffer.write(answer.encode("utf-8", "replace"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
