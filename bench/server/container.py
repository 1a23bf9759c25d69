"""Compare a container with the same program outside one: start, memory, processor time for the sample; sides alternate.

round: empty folder ─▶ start ─▶ idle ─▶ the sample transcribed and summarised ─▶ idle ─▶ stop ─▶ start with that library
       each side in every round; the order alternates

Both sides are measured from outside, through /proc: the engine's own figure for a container includes cached files.
"""

from __future__ import annotations

import statistics
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import astuple, dataclass
from pathlib import Path

from bench.processes import MB, children, processor_seconds, resident
from tests.container.engine import RunningContainer, build
from tests.running import PROJECT, RunningApp, wait_for

Side = RunningApp | RunningContainer
ROUNDS = 5
# The speech worker exits soon after the sample: at rest only the server runs.
IDLE = "2"
SETTLED_SECONDS = 3.0
ROWS = (
    ("first start, to ready (s)", 1.5),
    ("memory at rest (MB)", 1.2),
    ("processor time for the sample (s)", 1.1),
    ("memory after the sample (MB)", 1.2),
    ("later start, to ready (s)", 1.5),
)


@dataclass(frozen=True)
class Round:
    first_start: float
    rest: float
    sample: float
    after: float
    later_start: float


def measure(folder: Path, quick: bool) -> Iterator[str]:
    ready = subprocess.run([PROJECT / "scripts" / "container-engine", "base"], capture_output=True, text=True, check=False)
    if ready.returncode:
        yield f"Not measured: {ready.stderr.strip()}"
        return
    image = build("cpu", "castmind-bench:cpu")
    yield from _against_native(folder, image, 1 if quick else ROUNDS)
    yield ""
    yield from _until_healthy(folder, image, 2 if quick else ROUNDS)


def _against_native(folder: Path, image: str, rounds: int) -> Iterator[str]:
    sides: dict[str, Callable[[Path], Side]] = {
        "native": lambda data: RunningApp(data, CASTMIND_SPEECH_IDLE_SECONDS=IDLE),
        "container": lambda data: RunningContainer(image, data, f"--env=CASTMIND_SPEECH_IDLE_SECONDS={IDLE}"),
    }
    found: dict[str, list[Round]] = {side: [] for side in sides}
    for number in range(rounds):
        for side in list(sides) if number % 2 else reversed(list(sides)):
            data = folder / f"{side}-{number}" / "data"
            data.mkdir(parents=True)
            found[side].append(_one_round(sides[side](data)))
    yield f"| median of {rounds} | native | container | ratio | at most |"
    yield "| --- | --- | --- | --- | --- |"
    native, container = ([statistics.median(f) for f in zip(*map(astuple, found[side]), strict=True)] for side in sides)
    for (name, limit), bare, boxed in zip(ROWS, native, container, strict=True):
        yield f"| {name} | {bare:.2f} | {boxed:.2f} | {boxed / bare:.2f} | {limit:.1f} |"


def _one_round(app: Side) -> Round:
    began = time.monotonic()
    with app:
        first_start = time.monotonic() - began
        rest = _at_rest(app)
        used = processor_seconds(_pid(app))
        app.wait_done(app.client.post("/api/v1/episodes/sample").json()["id"], patience=600)
        after = _at_rest(app)
        sample = processor_seconds(_pid(app)) - used
        app.stop()
        began = time.monotonic()
        app.start()
        return Round(first_start, rest, sample, after, time.monotonic() - began)


def _pid(app: Side) -> int:
    return app.pid if isinstance(app, RunningApp) else int(app.inspect("{{.State.Pid}}"))


def _at_rest(app: Side) -> float:
    """Return the server's memory once the hardware probe and the speech worker have exited."""
    pid = _pid(app)
    wait_for(lambda: not children(pid), patience=60, why=app.last_words)
    time.sleep(SETTLED_SECONDS)
    return resident(pid) / MB


def _until_healthy(folder: Path, image: str, rounds: int) -> Iterator[str]:
    """Yield table rows: seconds from `docker run` on an empty folder until the engine reports it healthy."""
    times = []
    for number in range(rounds):
        data = folder / f"healthy-{number}" / "data"
        data.mkdir(parents=True)
        times.append(_healthy_after(RunningContainer(image, data)))
    yield "| `docker run` to healthy | seconds | at most |"
    yield "| --- | --- | --- |"
    yield f"| median of {rounds}, and the longest | {statistics.median(times):.1f}, {max(times):.1f} | 10 |"


def _healthy_after(app: RunningContainer) -> float:
    began = time.monotonic()
    with ExitStack() as at_the_end:
        at_the_end.push(app)
        app.start(wait=False)
        wait_for(lambda: app.inspect("{{.State.Health.Status}}") == "healthy", pause=0.05, why=app.last_words)
        return time.monotonic() - began
