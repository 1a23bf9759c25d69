"""Sandboxed processes for hostile bytes: they parse and decode untrusted input with limits and without a network.

    run("core.sources.media.probe_worker", path)  ─▶ python -m … ─▶ enter(memory=…, cpu_seconds=…) ─▶ the work ─▶ stdout
        │  memory files for its input and output, a wall-clock limit, `check`           │
        ▼                                                                               ▼
    Ended(code, output, said)  ◀──── killed, with its process group ──────   rlimits, allowed files and system calls only

`parent` starts and ends such a process. `child.enter` is its first call once its modules are loaded. From then on the kernel
accepts only the calls of `system_calls` (`seccomp`) and opens only the files that the process was given (`landlock`). `tool`
confines a program that is not ours in the same way. A request is passed as arguments or on stdin; the process inherits no
secret of the server's environment.
"""

from __future__ import annotations

from core.sandbox.parent import Ended, Piped, follow, run

__all__ = ["Ended", "Piped", "follow", "run"]
