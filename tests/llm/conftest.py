"""A fake Ollama that each test steers."""

from __future__ import annotations

from tests.notes.conftest import fake, unproven

__all__ = ["fake", "unproven"]
