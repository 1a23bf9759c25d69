"""What the uploader is told: where to send, how much is allowed, and its words in the reader's language."""

from __future__ import annotations

import re

import pytest

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from pages.shared.component_source import source
from pages.shared.uploader import uploader
from pages.text import texts


def test_audio_goes_to_the_uploads_within_the_limit(resting: CastMind) -> None:
    given = uploader.settings()
    assert (given["endpoint"], given["resumable"]) == ("/api/v1/uploads", True)
    assert given["max_bytes"] == resting.uploads.most_bytes(OWNER) > 0


def test_a_backup_goes_to_the_backups_without_a_limit_and_is_not_resumed(resting: CastMind) -> None:
    given, audio = uploader.backup_settings(), uploader.settings()
    assert (given["endpoint"], given["resumable"], given["max_bytes"]) == ("/api/v1/backups", False, None)
    changed = {name for name in uploader.LABELS if given["labels"][name] != audio["labels"][name]}
    assert changed == {"drop", "pick", "done", "lost"}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_refusal_is_told_in_the_readers_language(resting: CastMind, language: str) -> None:
    resting.settings.save(OWNER, "language", language)
    errors = ((key.removeprefix("error."), text) for key, text in texts(language).items() if key.startswith("error."))
    sentences = {name: text for name, text in errors if name.partition(".")[0] in uploader.REFUSALS}
    assert sentences["not_audio"] and uploader.backup_settings()["errors"] == sentences
    # What arrived of an upload is kept.
    assert uploader.settings()["errors"] == sentences | {"disk_full": texts(language)["upload.disk_full"]}


def test_every_label_that_a_script_asks_for_is_given(resting: CastMind) -> None:
    asked = set(re.findall(r"\blabels\.([a-z_]+)\b", source(uploader.__file__, *uploader._SCRIPTS)))
    assert asked and asked <= uploader.settings()["labels"].keys()
