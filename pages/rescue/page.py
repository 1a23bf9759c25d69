"""The page of a start that stopped without a library: plain HTML without a script, because Streamlit does not run yet.

RescueState ─▶ the reason ─▶ the newest good backup │ the running phase ─▶ restore by hand ─▶ start anew
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from core import app
from pages.plain.plain_page import PlainPage, language_of
from pages.shared import formats
from pages.text import LANGUAGES, error_sentence, texts

if TYPE_CHECKING:
    from core.errors import CastMindError
    from core.ops.backup.backup_file import Backup
    from core.ops.backup.rescue import RescueState


def render(state: RescueState, chosen: str, accepted: str) -> str:
    """Render the whole page. `chosen` is the language selected on it, `accepted` an Accept-Language header."""
    page = _Page(Path(__file__).with_suffix(".html"), language_of(chosen, accepted))
    choosing = state.phase == "choosing"
    sections = [*page.choices(state)] if choosing else [page.moving(state)]
    return page.part(
        "page",
        language=page.language,
        other=page.other,
        other_name=LANGUAGES[page.other],
        title=page.said(f"rescue.title.{state.reason.code}", "rescue.title"),
        body=page.said(f"rescue.body.{state.reason.code}", "rescue.body"),
        exact=page.text("rescue.exact"),
        reason=state.reason.detail,
        raw={
            "refresh": "" if choosing else page.part("refresh"),
            "alert": page.alert(state.error),
            "sections": "\n".join(sections),
        },
    )


class _Page(PlainPage):
    # --- sections -------------------------------------------------------------------------------

    def alert(self, error: CastMindError | None) -> str:
        if error is None:
            return ""
        why = error_sentence(error.to_dict(), texts(self.language))
        return self.part("alert", text=self.text("rescue.failed", error=why))

    def moving(self, state: RescueState) -> str:
        value = self.part("value", done=state.done, total=state.total) if state.total else ""
        head, body = self.text(f"rescue.moving.{state.phase}"), self.text("rescue.moving.wait")
        if state.name:
            body = f"{state.name}. {body}"
        return self.part("moving", head=head, body=body, raw={"value": value})

    def choices(self, state: RescueState) -> Iterable[str]:
        yield self._found(state)
        yield self._others(state)
        yield self._form("again")
        yield self._form("new", sure=self.text("rescue.new.sure"))

    def _found(self, state: RescueState) -> str:
        if state.found is None:
            key = "rescue.none.refused" if state.refused else "rescue.none"
            return self.part("none", head=self.text("rescue.none.head"), body=self.text(key, n=len(state.refused)))
        backup, counts = state.found.backup, state.found.counts
        refused = self.text("rescue.found.refused", n=len(state.refused)) if state.refused else ""
        return self.part(
            "found",
            head=self.text("rescue.found.head"),
            language=self.language,
            made_label=self.text("rescue.found.made"),
            made=_moment(backup.created_at),
            episodes_label=self.text("rescue.found.episodes"),
            episodes=counts.get("episodes", 0),
            size_label=self.text("rescue.found.size"),
            size=formats.size(backup.bytes),
            file_label=self.text("rescue.found.file"),
            name=backup.name,
            checked=self.text("rescue.found.checked"),
            refused=refused,
            then=self.text("rescue.found.then"),
            press=self.text("rescue.found.press"),
        )

    def _others(self, state: RescueState) -> str:
        if not state.others:
            return ""
        most = max((backup.counts.get("episodes", 0) for backup in state.others), default=0)
        held = state.found.counts.get("episodes", 0) if state.found else 0
        rows = "".join(map(self._other, state.others))
        # A backup that holds more is shown unfolded.
        unfolded = " open" if most > 2 * held else ""
        return self.part("others", head=self.text("rescue.others", n=len(state.others)), raw={"rows": rows, "open": unfolded})

    def _other(self, backup: Backup) -> str:
        episodes = backup.counts.get("episodes")
        counted = [] if episodes is None else [self.text("rescue.others.episodes", n=episodes)]
        return self.part(
            "other",
            made=_moment(backup.created_at),
            facts=" · ".join([*counted, formats.size(backup.bytes)]),
            name=backup.name,
            language=self.language,
            press=self.text("rescue.found.press"),
        )

    def _form(self, name: str, sure: str = "") -> str:
        head, body, press = (self.text(f"rescue.{name}.{each}", folder=app.current().data) for each in ("head", "body", "press"))
        return self.part(name, head=head, body=body, press=press, language=self.language, sure=sure)


def _moment(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds).astimezone():%Y-%m-%d %H:%M}"
