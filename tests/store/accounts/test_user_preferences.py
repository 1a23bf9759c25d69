from __future__ import annotations

from core.domain.accounts.actor import OWNER, Actor
from core.store.accounts import user_preferences
from core.store.db.database import Store

HERE, THERE = Actor(OWNER.user_id, "here"), Actor(OWNER.user_id, "there")


def choose(store: Store, actor: Actor, value: str, now: float = 1.0) -> None:
    store.write(lambda db: user_preferences.save(db, actor, "language", value, now=now))


def chosen(store: Store, actor: Actor) -> str | None:
    return user_preferences.every(store.read()).get((actor.user_id, actor.browser, "language"))


def test_a_choice_is_that_of_one_browser(store: Store) -> None:
    choose(store, HERE, "zh")
    choose(store, THERE, "en")
    choose(store, HERE, "en")
    choose(store, HERE, "zh")
    assert (chosen(store, HERE), chosen(store, THERE), chosen(store, OWNER)) == ("zh", "en", None)
    store.write(lambda db: user_preferences.forget(db, HERE, "language"))
    assert (chosen(store, HERE), chosen(store, THERE)) == (None, "en")


def test_of_very_many_browsers_those_that_chose_last_are_remembered(store: Store) -> None:
    choose(store, OWNER, "zh", now=0.0)
    for number in range(user_preferences.MOST_BROWSERS + 5):
        choose(store, Actor(OWNER.user_id, f"b{number}"), "en", now=float(number))
    kept = [browser for _, browser, _ in user_preferences.every(store.read())]
    assert len(kept) == user_preferences.MOST_BROWSERS + 1
    assert "" in kept and "b4" not in kept and "b5" in kept


def test_a_users_choices_go_with_the_user(store: Store) -> None:
    store.write(lambda db: db.execute("INSERT INTO users (id, role, created_at) VALUES (7, 'member', 0)"))
    choose(store, Actor(7), "zh")
    store.write(lambda db: db.execute("DELETE FROM users WHERE id = 7"))
    assert user_preferences.every(store.read()) == {}
