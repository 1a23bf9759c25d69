from __future__ import annotations

import pytest

from core.domain.accounts.role import Role, TokenScope


def test_each_contains_the_ones_below_it() -> None:
    assert Role.VIEWER < Role.MEMBER < Role.ADMIN
    assert TokenScope.READ < TokenScope.WRITE < TokenScope.ADMIN


def test_a_scope_is_as_wide_as_the_role_of_its_number() -> None:
    assert [Role(scope.value).word for scope in TokenScope] == ["viewer", "member", "admin"]


@pytest.mark.parametrize("kind", [Role, TokenScope])
def test_words_lead_back(kind: type[Role] | type[TokenScope]) -> None:
    assert [kind.named(each.word) for each in kind] == list(kind)
    with pytest.raises(KeyError):
        kind.named("root")
