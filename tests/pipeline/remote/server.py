"""CastMind without its pages, as a process that workers ask for steps: `python -m tests.pipeline.remote.server PORT KEY [dies]`

Its settings are those of the environment. With `dies` it is killed between the commit of a result and the reply to it.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import Any

from core import app, settings
from core.pipeline import graph
from core.pipeline.protocol import Result
from core.pipeline.remote_runs import RemoteRuns
from tests.pipeline.remote.tally import TallyStep
from tests.pipeline.remote.transport import WorkerPort


def die_after_result(message: Any) -> None:
    if isinstance(message, Result):
        os.kill(os.getpid(), signal.SIGKILL)


def main(port: str, key: str, *how: str) -> None:
    graph.register(TallyStep())
    castmind = app.build(settings.load(environ=os.environ))
    castmind.start()
    remote = RemoteRuns(castmind._runner.claims, ["tally"])
    with WorkerPort(remote, key, port=int(port), before_reply=die_after_result if "dies" in how else None):
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        threading.Event().wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
