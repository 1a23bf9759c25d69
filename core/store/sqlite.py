"""sqlite-utils, imported without pandas.

sqlite-utils takes pandas along when it is installed, for column types that are not used here: that costs 80 MB of memory
and 0.7 s at the start. It copes with its absence, so it is absent while the import runs.
"""

from __future__ import annotations

import sys

_hidden = "pandas" not in sys.modules
if _hidden:
    sys.modules["pandas"] = None  # type: ignore[assignment]
try:
    from sqlite_utils import Database, Migrations
finally:
    if _hidden:
        del sys.modules["pandas"]

__all__ = ["Database", "Migrations"]
