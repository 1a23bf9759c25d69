"""Files and pictures that a row names."""

from __future__ import annotations

from collections.abc import Callable

from core.store.db.database import Store
from core.store.library import referenced_files


def test_each_file_is_named_once_also_in_the_trash(store: Store, add_episode: Callable[..., int]) -> None:
    add_episode("one", media_path="media/a.mp3")
    add_episode("shared", media_path="media/a.mp3", deleted_at=1.0)
    add_episode("none yet")
    assert referenced_files.media(store.read()) == {"media/a.mp3"}


def test_pictures_are_those_of_episodes_feeds_and_audio(store: Store, add_episode: Callable[..., int]) -> None:
    add_episode("one", image_url="https://a.example/1.png", media_path="uploads/b.mp3")
    store.write(
        lambda db: db.execute(
            "INSERT INTO feeds (url, title, created_at, image_url) VALUES ('https://f.example', 'F', 0, 'https://a.example/f.png')"
        )
    )
    found = referenced_files.pictures(store.read())
    assert found == {"https://a.example/1.png", "https://a.example/f.png", "uploads/b.mp3"}
