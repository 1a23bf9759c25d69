"""A verdict on the publisher's transcript, as it is stored."""

from __future__ import annotations

from core.domain.transcripts.provenance import Checked, CheckedPlace, Misfit


def test_a_verdict_is_kept_as_it_was() -> None:
    found = Checked(Misfit.WORDS, (CheckedPlace(1.0, 9.0, 0.2, 0.5, False),), 0.0)
    assert Checked.from_dict(found.to_dict()) == found
    assert (found.used, found.differing) == (False, 1)
