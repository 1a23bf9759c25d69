"""How large a number of a request may be: what does not fit into a column of SQLite is refused as a request (422).

Route types use these in place of a bare `int`; a test reads the contract and fails on an integer without bounds.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

LARGEST = 2**63 - 1

Id = Annotated[int, Field(ge=-LARGEST - 1, le=LARGEST)]
Count = Annotated[int, Field(ge=0, le=LARGEST)]
