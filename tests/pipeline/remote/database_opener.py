"""A worker that breaks the rule: it opens a database."""

from __future__ import annotations

import sqlite3
import sys

from tests.pipeline.remote.worker import no_database

if __name__ == "__main__":
    sys.addaudithook(no_database)
    sqlite3.connect(":memory:")
