"""Processes for hostile bytes: what parses or decodes what strangers made runs there, with limits and without a network.

    run("core.sources.media.probe_worker", path)  ─▶ python -m … ─▶ enter(memory=…, cpu_seconds=…) ─▶ the work ─▶ stdout
        │  memory files for its input and output, a wall-clock limit, `check`           │
        ▼                                                                               ▼
    Ended(code, output, said)  ◀──── killed with all that it started ────   rlimits, its files and system calls alone

`parent` starts and ends such a process, `child` is the first thing that it calls once its modules are loaded. From then on the
kernel takes the calls of `system_calls` alone (`seccomp`) and opens the files that it was given alone (`landlock`). `tool` does
the same to a program that is not ours. What is asked of it
is passed as arguments or on stdin; it inherits no secret of the server's environment.
"""

from __future__ import annotations

from core.sandbox.parent import Ended, Piped, follow, run

__all__ = ["Ended", "Piped", "follow", "run"]
