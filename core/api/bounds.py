"""Bounds for numbers and text lengths in requests: a value that no column or file can hold is rejected as invalid (422).

Route types use these instead of plain `int` and `str`; a test reads the contract and fails on an unbounded one. A bounded text
must also be valid UTF-8: JSON can contain a lone surrogate, which cannot be written anywhere.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

LARGEST = 2**63 - 1

Id = Annotated[int, Field(ge=-LARGEST - 1, le=LARGEST)]
Count = Annotated[int, Field(ge=0, le=LARGEST)]

# At most the length that a restore accepts for a language's name (core/store/db/row_rules.py), in any script.
LANGUAGE_LENGTH = 50
Language = Annotated[str, Field(max_length=LANGUAGE_LENGTH)]
ModelName = Annotated[str, Field(max_length=500)]
Address = Annotated[str, Field(max_length=8000)]
Words = Annotated[str, Field(max_length=10_000)]
