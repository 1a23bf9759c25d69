"""The report of an incident as Markdown, in one language: what, since when, until when, what was affected, what was done.

incident, lines of the log ─▶ text ─▶ data/reports/incident-<time>-<id>.md, bounded in number
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from core.domain.dependencies import Effect
from core.domain.incident import AutomaticDeed, Cause, Incident
from core.ops import sentences

MOST_FILES = 50
HAPPENINGS = ("crash", "worker_ended", "job", "part")


def title(incident: Incident, language: str) -> str:
    """Return the names of what was not well."""
    names = dict.fromkeys(name_of(cause, language) for cause in incident.causes)
    return sentences.sentence("incident.between", {}, language).join(names)


def name_of(cause: Cause, language: str) -> str:
    """Return what was not well: a happening with its kind, or a check's name."""
    for key in (f"incident.{cause.what}.{cause.code}", f"incident.{cause.what}", f"status.check.{cause.what}"):
        if sentences.has(key):
            return sentences.sentence(key, {}, language)
    return cause.what


def times(incident: Incident, language: str) -> str:
    """Return since when and until when, in the time zone of this computer."""
    if incident.closed_at is None:
        return sentences.sentence("incident.since", {"since": _moment(incident.opened_at)}, language)
    minutes = max(round((incident.closed_at - incident.opened_at) / 60), 1)
    params = {"since": _moment(incident.opened_at), "until": _moment(incident.closed_at), "minutes": minutes}
    return sentences.sentence("incident.times", params, language)


def affected(incident: Incident, language: str) -> list[str]:
    """Return a sentence for each kind of effect; one that nothing was affected otherwise."""
    between = sentences.sentence("incident.between", {}, language)
    said = []
    for effect in Effect:
        names = [ability for ability, found in incident.effects.items() if found is effect]
        if names:
            told = between.join(sentences.sentence(f"ability.{name.value}", {}, language) for name in names)
            said.append(sentences.sentence(f"incident.effect.{effect.value}", {"names": told}, language))
    return said or [sentences.sentence("incident.effect.none", {}, language)]


def deeds(incident: Incident, language: str) -> list[str]:
    """Return what was done automatically."""
    said = [_deed(deed, language) for deed in incident.deeds]
    return said or [sentences.sentence("incident.deed.none", {}, language)]


def _deed(deed: AutomaticDeed, language: str) -> str:
    text = sentences.sentence(f"incident.deed.{deed.code}", {}, language)
    return f"{_moment(deed.at)} · {text}" + (f" (×{deed.times})" if deed.times > 1 else "")


def markdown(incident: Incident, log: Sequence[str], language: str) -> str:
    return "\n".join(_lines(incident, log, language)) + "\n"


def _lines(incident: Incident, log: Sequence[str], language: str) -> Iterator[str]:
    yield "# " + sentences.sentence("incident.report", {"what": title(incident, language)}, language)
    yield ""
    yield times(incident, language)
    for heading, rows in (
        ("incident.what", [_cause(cause, language) for cause in incident.causes]),
        ("incident.affected", affected(incident, language)),
        ("incident.done", deeds(incident, language)),
    ):
        yield from ("", f"## {sentences.sentence(heading, {}, language)}", "", *(f"- {row}" for row in rows))
    if log:
        yield from ("", f"## {sentences.sentence('incident.log', {}, language)}", "", *(f"    {line}" for line in log))


def _cause(cause: Cause, language: str) -> str:
    until = _moment(cause.until) if cause.until is not None else "…"
    again = f" (×{cause.times})" if cause.times > 1 else ""
    params = {"what": name_of(cause, language), "since": _moment(cause.since), "until": until}
    return sentences.sentence("incident.cause", params, language) + again


def _moment(at: float) -> str:
    return f"{datetime.fromtimestamp(at).astimezone():%Y-%m-%d %H:%M:%S}"


def file_of(folder: Path, incident: Incident) -> Path:
    return folder / f"incident-{datetime.fromtimestamp(incident.opened_at).astimezone():%Y%m%d-%H%M%S}-{incident.id}.md"


def keep(folder: Path, incident: Incident, log: Sequence[str], language: str) -> Path:
    """Write the report, and delete the oldest ones beyond MOST_FILES. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    path = file_of(folder, incident)
    part = path.with_name(f"{path.name}.part")
    part.write_text(markdown(incident, log, language), encoding="utf-8")
    part.replace(path)
    for old in sorted(folder.glob("incident-*.md"))[:-MOST_FILES]:
        old.unlink(missing_ok=True)
    return path
