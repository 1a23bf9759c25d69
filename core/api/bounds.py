"""How large a number and how long a text of a request may be: what no column or file takes is refused as a request (422).

Route types use these in place of a bare `int` and `str`; a test reads the contract and fails on one without bounds. A text with a
bound is also one that is UTF-8: half a pair of surrogates can stand in JSON, and in nothing that is written.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

LARGEST = 2**63 - 1

Id = Annotated[int, Field(ge=-LARGEST - 1, le=LARGEST)]
Count = Annotated[int, Field(ge=0, le=LARGEST)]

# No longer than what a restore takes for a language's name (core/store/db/row_rules.py), whatever its letters.
LANGUAGE_LENGTH = 50
Language = Annotated[str, Field(max_length=LANGUAGE_LENGTH)]
ModelName = Annotated[str, Field(max_length=500)]
Address = Annotated[str, Field(max_length=8000)]
Words = Annotated[str, Field(max_length=10_000)]
