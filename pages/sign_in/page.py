"""The sign-in and set-up pages: plain HTML without a script, because nothing of the app is served before.

EntryForm ─▶ sign_in: name, password │ code: of the app │ set_up: code of the log, name, password
          └▶ unlock: code of the log │ sign_out: a button │ link: password, to link an account at a provider
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from core.domain.accounts.user import FIRST_NAME
from pages.plain.plain_page import PlainPage, language_of
from pages.text import LANGUAGES, error_sentence, texts

if TYPE_CHECKING:
    from core.domain.accounts.entry_form import EntryForm


def render(form: EntryForm, chosen: str, accepted: str) -> str:
    """Render the whole page. `chosen` is the language selected on it, `accepted` an Accept-Language header."""
    page = PlainPage(Path(__file__).with_suffix(".html"), language_of(chosen, accepted))
    alert = ""
    if form.error is not None:
        alert = page.part("alert", text=error_sentence(form.error.to_dict(), texts(page.language)))
    name = form.name or (FIRST_NAME if form.step == "set_up" else "")
    by_provider = ""
    if form.provider and form.step == "sign_in":
        label = page.text("sign_in.by_provider", name=form.provider)
        by_provider = page.part("provider", next=quote(form.next, safe=""), press=label)
    fields = page.part(
        form.step,
        language=page.language,
        next=form.next,
        name=name,
        name_label=page.text("sign_in.name"),
        password_label=page.text("sign_in.new_password" if form.step == "set_up" else "sign_in.password"),
        code_label=page.text("sign_in.app_code" if form.step == "code" else "sign_in.log_code"),
        code_help=page.text("sign_in.log_code.help"),
        password_help=page.text("sign_in.new_password.help"),
        back=page.text("action.cancel"),
        press=page.text(f"sign_in.press.{form.step}"),
        raw={"by_provider": by_provider},
    )
    # A page in the middle of a way in is the answer to a form or a provider: a link cannot ask for it again.
    switch = "" if form.step in ("code", "link") else page.part("switch", other=page.other, other_name=LANGUAGES[page.other])
    return page.part(
        "page",
        language=page.language,
        title=page.text(f"sign_in.title.{form.step}"),
        body=page.text(f"sign_in.body.{form.step}", label=name or page.text("sign_in.no_label"), name=form.provider),
        raw={"alert": alert, "fields": fields, "switch": switch},
    )
