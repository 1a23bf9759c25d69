"""Checks of what works by itself: the scheduler, the speech worker, the card, the feeds. Plain inputs, a verdict as output."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from core.domain.jobs.worker_status import WorkerStatus
from core.message import Message
from core.ops.healing.integrity import Integrity
from core.ops.healing.supervisor import ClockJump
from core.ops.health import Check
from core.ops.replica.lag import Lag
from core.speech.request import Probe

HOUR = 3600.0
# The scheduler looks each second. On a busy computer it comes late, but not by this much.
LAG_SECONDS = 10.0
# A worker that ended unexpectedly this often within an hour will hardly get through the next file.
WORKER_ENDS = 3
# A restart of Litestream, or a short outage of the way to the target, is shorter. Twice this is what may be lost.
REPLICA_SECONDS = 30.0


def scheduler(alive: bool, lag: float) -> Check:
    """Check the threads that poll feeds and keep house. `lag`: the seconds by which the scheduler is late."""
    if not alive:
        said = "A scheduler thread has ended; it is started again. Until then nothing is polled, backed up or tidied."
        return Check("fail", said, "ended")
    if lag > LAG_SECONDS:
        said = f"The scheduler is {lag:.0f} s late: nothing is polled or backed up. Restart CastMind if it stays so."
        return Check("fail", said, "late", {"seconds": round(lag)})
    return Check("pass", "running", "running")


def healing(counts: Mapping[str, int]) -> Check:
    """Say how often parts were found dead or stuck, and were started again, since the start."""
    mended = {name: count for name, count in counts.items() if count}
    if not mended:
        return Check("pass", "nothing had to be restarted", "well")
    said = ", ".join(f"{name} {count} times" for name, count in mended.items())
    return Check(
        "pass", f"restarted since the start: {said}", "mended", {"count": sum(mended.values()), "parts": ", ".join(mended)}
    )


def clock(jump: ClockJump | None, now: float | None = None) -> Check:
    """Tell whether the clock was set within the last hour. Computers that slept do that, so it is no warning."""
    moment = time.time() if now is None else now
    if jump is None or not 0 <= moment - jump.at < HOUR:
        return Check("pass", "it was not set lately", "steady")
    params = {"seconds": round(jump.seconds), "minutes": round((moment - jump.at) / 60)}
    said = f"It was set by {params['seconds']} s {params['minutes']} minutes ago. Schedules go on by the new time."
    return Check("pass", said, "jumped", params)


def integrity(last: Integrity | None) -> Check:
    """Tell what the nightly check of the database found."""
    if last is None:
        return Check("pass", "it could be opened; its pages are checked at night", "opened")
    if last.problems:
        said = (
            f"The database is damaged ({last.problems[0]}). Nothing was changed. Restore the newest backup that is whole; the "
            "damaged file is kept aside then."
        )
        return Check("fail", said, "damaged", {"error": last.problems[0]})
    return Check("pass", "its pages were checked and are whole", "whole")


def worker(status: WorkerStatus, ends: Sequence[float], now: float | None = None) -> Check:
    """Check the process of speech recognition. `ends`: when it ended unexpectedly, in Unix seconds."""
    moment = time.time() if now is None else now
    recent = sum(1 for end in ends if moment - end < HOUR)
    if recent >= WORKER_ENDS:
        said = (
            f"The speech worker ended unexpectedly {recent} times within an hour. It is started again each time, and finished "
            "windows are kept. Too little memory is the usual reason: choose a smaller model in the settings."
        )
        return Check("warn", said, "ends", {"count": recent})
    if recent:
        said = f"It ended unexpectedly {recent} times within an hour, and was started again; finished windows are kept."
        return Check("pass", said, "restarted", {"count": recent})
    if not status.running:
        return Check("pass", "not running; it starts with the next episode", "off")
    return Check("pass", "transcribing" if status.busy else "idle", "busy" if status.busy else "idle")


def gpu(probe: Probe | None, trouble: Message | None) -> Check:
    """Check the graphics card. `trouble` is why the worker avoids it since it was tried."""
    if trouble is not None:
        said = f"The card is set aside until the next start: {trouble}. Speech runs on the processor."
        return Check("warn", said, "set_aside", {"error": trouble})
    if probe is None:
        return Check("pass", "being looked at", "probing")
    if not probe.vram_total:
        return Check("pass", "none; speech runs on the processor", "none")
    params = {"name": probe.device_name, "total_gb": f"{probe.vram_total / 1e9:.1f}"}
    return Check("pass", f"{probe.device_name}, {probe.vram_total / 1e9:.1f} GB", "present", params)


def feeds(failing: int, count: int) -> Check:
    """Check how many of the feeds fail to be polled. A few are the publishers' own trouble; most of them are ours."""
    params = {"failing": failing, "count": count}
    if not failing:
        return Check("pass", f"{count} feeds, and none fails", "well", params)
    if 2 * failing < count:
        return Check("pass", f"{failing} of {count} feeds fail; they are tried again", "some", params)
    said = f"{failing} of {count} feeds fail. Look whether this computer reaches the internet; they are tried again."
    return Check("warn", said, "most", params)


def replica(lag: Lag) -> Check:
    """Check how far the replica of the database is behind. A warning, because everything else works without."""
    seconds = round(lag.seconds)
    if lag.seconds <= REPLICA_SECONDS:
        return Check("pass", f"{seconds} s behind", "current", {"seconds": seconds})
    if lag.error:
        said = f"The replica is {seconds} s behind: {lag.error}. Start Litestream, or look into its log."
        return Check("warn", said, "away", {"seconds": seconds, "error": lag.error})
    said = f"The replica is {seconds} s behind. Look into Litestream's log: its target may be out of reach or full."
    return Check("warn", said, "behind", {"seconds": seconds})
