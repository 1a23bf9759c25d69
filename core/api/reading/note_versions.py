"""Versions of an episode's notes: list, read, compare, choose, regenerate, with a choice of models."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel

from core.api import schemas
from core.api.asking import Asking
from core.api.bounds import Id, Language, ModelName
from core.api.services import Services
from core.domain.notes.comparison import Comparison, ComparisonRow
from core.domain.notes.note import Version


class Regeneration(BaseModel):
    """Becomes the episode's wish. "" goes back to the settings; left out: as it is."""

    model: ModelName | None = None
    language: Language | None = None


def router(services: Services) -> APIRouter:
    api = APIRouter(tags=["episodes"])
    note_versions, library = services.note_versions, services.library

    @api.get("/language-models")
    def models(actor: Asking) -> schemas.Json:
        """The models that Ollama holds, `answers` false when it does not; `chosen` writes notes unless another is wished for."""
        found = services.setup_checklist.ollama(actor)
        return {"answers": found.host is not None, "chosen": found.chosen, "items": [model.name for model in found.models]}

    @api.get("/episodes/{episode_id}/summaries")
    def versions(actor: Asking, episode_id: Id) -> schemas.Json:
        """The newest first; `current` is the one that counts. `held_back` says why the newest did not become it: too_weak,
        read_less, outdone; null otherwise."""
        library.episode(actor, episode_id)
        current, held = note_versions.current(actor, episode_id), note_versions.held_back(actor, episode_id)

        def item(row: Version) -> schemas.Json:
            why = held.verdict.value if held and held.version.id == row.id else None
            return schemas.summary(row) | {"current": bool(current and row.id == current.id), "held_back": why}

        return {"items": [item(row) for row in note_versions.versions(actor, episode_id)]}

    @api.post("/episodes/{episode_id}/summaries")
    def regenerate(actor: Asking, episode_id: Id, body: Regeneration | None = None) -> schemas.Json:
        """Has new notes written beside those that are there; the episode with its stages."""
        wish = body or Regeneration()
        return schemas.episode(note_versions.regenerate(actor, episode_id, model=wish.model, language=wish.language))

    @api.get("/episodes/{episode_id}/summaries/compare")
    def compare(actor: Asking, episode_id: Id, old: Id, new: Id) -> schemas.Json:
        """Gist, points, chapters, terms and actions of `old` beside those of `new`, in the order of the audio."""
        return _comparison(note_versions.compare(actor, episode_id, old, new))

    @api.get("/episodes/{episode_id}/summaries/{version_id}")
    def one(actor: Asking, episode_id: Id, version_id: Id) -> schemas.Json:
        return schemas.summary(note_versions.version(actor, episode_id, version_id))

    @api.post("/episodes/{episode_id}/summaries/{version_id}/choose")
    def choose(actor: Asking, episode_id: Id, version_id: Id) -> schemas.Json:
        """Makes it the current one, until new notes are written."""
        return schemas.summary(note_versions.choose(actor, episode_id, version_id))

    return api


def _comparison(found: Comparison) -> schemas.Json:
    """Return `tldr` and rows with both versions side by side; `difference` is same, changed, added or removed."""
    old, new = found.tldr
    return {
        "tldr": {"old": old, "new": new, "difference": "same" if old == new else "changed"},
        **{name: [_row(r) for r in getattr(found, name)] for name in ("points", "chapters", "terms", "actions")},
    }


def _row(row: ComparisonRow[Any]) -> schemas.Json:
    return {
        "old": asdict(row.old) if row.old else None,
        "new": asdict(row.new) if row.new else None,
        "difference": row.difference.value,
    }
