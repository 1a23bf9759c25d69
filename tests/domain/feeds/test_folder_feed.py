import unicodedata

import pytest

from core.domain.feeds import folder_feed
from core.domain.feeds.folder_feed import folder_of


def test_folders_in_folders_are_one_feed_with_one_address() -> None:
    folder = folder_of(["My Show", "Season 1"])
    assert folder_feed.title(folder) == "My Show / Season 1"
    assert folder_feed.address(folder) == "inbox:My%20Show/Season%201"
    assert folder_feed.is_local(folder_feed.address(folder))
    assert not folder_feed.is_local("https://example.org/inbox:")


def test_no_two_folders_share_an_address() -> None:
    pairs = [(("a/b",), ("a", "b")), (("a%2Fb",), ("a/b",)), (("A",), ("a",))]
    assert all(folder_feed.address(one) != folder_feed.address(other) for one, other in pairs)


@pytest.mark.parametrize(
    ("names", "folder"),
    [
        ([""], ()),
        (["..", ".", " "], ()),
        (["a\x00\n b", "\u202eevil"], ("a b", "evil")),
        (["夜话", "Café"], ("夜话", "Café")),
        ([unicodedata.normalize("NFD", "Café")], ("Café",)),
        (["x" * 500], ("x" * 200,)),
        ([str(n) for n in range(50)], tuple(str(n) for n in range(8))),
    ],
)
def test_names_are_made_fit_to_show_and_to_compare(names: list[str], folder: tuple[str, ...]) -> None:
    assert folder_of(names) == folder
