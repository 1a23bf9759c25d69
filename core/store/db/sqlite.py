"""Import sqlite-utils without pandas and numpy.

sqlite-utils imports both if they are installed, for column types that are not used here: pandas costs 80 MB of memory and 0.7 s
at the start, numpy another 0.15 s. It works without them, so they are hidden while the import runs.
"""

from __future__ import annotations

import sys

_hidden = [name for name in ("pandas", "numpy") if name not in sys.modules]
for _name in _hidden:
    sys.modules[_name] = None  # type: ignore[assignment]
try:
    from sqlite_utils import Database, Migrations
finally:
    for _name in _hidden:
        del sys.modules[_name]

__all__ = ["Database", "Migrations"]
