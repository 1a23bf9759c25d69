"""An error stands under its field, says that field's fault, and goes with the value that it is about."""

from __future__ import annotations

import pytest

from core.app import CastMind
from core.domain import web_address
from core.domain.accounts.actor import OWNER
from core.domain.web_address import LONGEST
from core.errors import BadAddress
from core.store.feeds import feeds
from pages.shared.escape_markdown import plain
from pages.text import texts
from tests.pages.conftest import faults, open_page

# What people paste where an address belongs, and the case of the error.
ODD = {
    "": "empty",
    "   ": "empty",
    "hello world": "spaces",
    "hello": "no_scheme",
    "file:///etc/passwd": "file",
    "ftp://pods.example/feed": "scheme",
    "https://": "no_host",
    "https://pods.example:99999/feed": "port",
    "https://" + "x" * LONGEST: "long",
}


def sentence(key: str, language: str, **params: object) -> str:
    return plain(texts(language)[f"error.{key}"].format(**params), 1000)


def feed(castmind: CastMind) -> int:
    row = {"url": "https://f.example/", "title": "F", "next_poll_at": 4e9}
    return castmind._store.write(lambda db: feeds.add(db, row, now=1.0))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_odd_address_of_a_feed_is_told_under_its_field(resting: CastMind, language: str) -> None:
    resting.settings.save(OWNER, "language", language)
    page = open_page("feeds/page.py", add="address")
    for text, case in ODD.items():
        with pytest.raises(BadAddress) as refused:
            web_address.check(text)
        assert refused.value.params["case"] == case
        page.text_input(key="feeds.url").set_value(text)
        page.button(key="FormSubmitter:feeds.add-" + texts(language)["feeds.add"]).click().run()
        assert faults(page) == [sentence(f"bad_address.{case}", language, **refused.value.params)]
        assert not page.toast and not page.exception
    assert resting.imports.listing(OWNER) == []
    page.text_input(key="feeds.url").set_value("pods.example/feed")
    page.button(key="FormSubmitter:feeds.add-" + texts(language)["feeds.add"]).click().run()
    assert faults(page) == [] and len(resting.imports.listing(OWNER)) == 1


def test_credentials_that_cannot_be_sent_are_told_under_theirs(resting: CastMind) -> None:
    page = open_page("feeds/page.py", add="address")
    page.text_input(key="feeds.url").set_value("https://pods.example/feed")
    page.text_input(key="feeds.access.user").set_value("an:na")
    page.button(key="FormSubmitter:feeds.add-" + texts("en")["feeds.add"]).click().run()
    assert faults(page) == [sentence("bad_access.colon", "en")] and resting.imports.listing(OWNER) == []


def test_a_feed_keeps_its_address_and_title_and_says_why(resting: CastMind) -> None:
    number = feed(resting)
    page = open_page("show/page.py", id=str(number))
    page.session_state[f"feed.unfolded.{number}"] = True
    page.run()
    page.text_input(key=f"feed.address.{number}.https://f.example/").set_value("ftp://pods.example")
    page.button(key=f"feed.address.{number}.save").click().run()
    assert faults(page) == [sentence("bad_address.scheme", "en", scheme="ftp")]
    page.text_input(key=f"feed.title.{number}").set_value("  ")
    page.button(key=f"feed.save.{number}").click().run()
    assert sentence("invalid.feed_title", "en") in faults(page) and not page.toast


@pytest.mark.parametrize(
    ("group", "name", "text", "case", "params"),
    [
        ("notes", "ollama_host", "hello world", "invalid.setting_address", {}),
        ("speech", "hf_endpoint", "ftp://models.example", "bad_address.scheme", {"scheme": "ftp"}),
        ("server", "port", 99999, "invalid.setting_range", {"least": 0, "most": 65535}),
        ("backup", "backup_hour", 24, "invalid.setting_range", {"least": 0, "most": 23}),
        ("backup", "backup_keep", 0, "invalid.setting_least", {"least": 1}),
    ],
)
def test_a_setting_says_under_its_field_what_it_takes(
    resting: CastMind, group: str, name: str, text: str | int, case: str, params: dict[str, object]
) -> None:
    value = getattr(resting.settings.values, name)
    page = open_page("settings/page.py", group=group)
    field = page.text_input if isinstance(text, str) else page.number_input
    field(key=f"setting.{name}.{value}").set_value(text).run()  # type: ignore[arg-type]
    assert faults(page) == [sentence(case, "en", **params)] and not page.toast
    assert getattr(resting.settings.values, name) == value
    field(key=f"setting.{name}.{value}").set_value(value).run()
    assert faults(page) == []
