"""What grows, and how fast: a least-squares line through the samples after the warm-up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bench.soak.samples import Sample

HOUR = 3600.0
# Name of the field, what people call it, divisor.
SHOWN = (
    ("server_memory", "server's memory (MB)", 1e6),
    ("all_memory", "memory with workers (MB)", 1e6),
    ("threads", "threads", 1.0),
    ("descriptors", "descriptors", 1.0),
    ("database", "database (MB)", 1e6),
    ("logs", "logs (MB)", 1e6),
    ("media", "audio (MB)", 1e6),
    ("errors", "errors", 1.0),
)


def slope(points: Sequence[tuple[float, float]]) -> float:
    """Return the slope of the line nearest to the points; 0 for fewer than two different x."""
    count = len(points)
    if count < 2:
        return 0.0
    middle_x = sum(x for x, _ in points) / count
    middle_y = sum(y for _, y in points) / count
    spread = sum((x - middle_x) ** 2 for x, _ in points)
    return sum((x - middle_x) * (y - middle_y) for x, y in points) / spread if spread else 0.0


def table(samples: Sequence[Sample], *, warm_up: float) -> Iterator[str]:
    """Yield the lines of a table: first and last value after the warm-up, and the slope per hour."""
    kept = [each for each in samples if each.at >= warm_up] or list(samples)
    if not kept:
        yield "No sample was taken."
        return
    hours = (kept[-1].at - kept[0].at) / HOUR
    yield f"{len(kept)} samples over {hours:.2f} h, after a warm-up of {min(warm_up, kept[0].at) / 60:.0f} min\n"
    yield "| | at first | at last | slope per hour |"
    yield "| --- | --- | --- | --- |"
    for field, name, unit in SHOWN:
        values = [(each.at / HOUR, getattr(each, field) / unit) for each in kept]
        yield f"| {name} | {values[0][1]:,.1f} | {values[-1][1]:,.1f} | {slope(values):+,.2f} |"
    last = kept[-1]
    yield f"\n{last.reads:,} reads, {last.done:,} episodes done, {last.failed:,} failed"
