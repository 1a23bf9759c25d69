"""Continuous replication of the database by a Litestream that runs beside CastMind.

data/castmind.db ─▶ Litestream (a process, or a container, of its own) ─▶ a folder or an S3-compatible store
                        │ control socket in data/replica
    litestream.py ◀─────┘ ask, release, follow     lag.py  how old the replica is     drill.py  restore it elsewhere, timed
"""
