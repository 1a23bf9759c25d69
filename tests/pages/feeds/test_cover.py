from __future__ import annotations

from streamlit.testing.v1 import AppTest


def test_an_address_stays_an_address() -> None:
    def page() -> None:
        from pages.feeds import cover

        cover.draw('/api/v1/feeds/7/cover"><script>alert(1)</script>')

    test = AppTest.from_function(page).run()
    (drawn,) = test.get("html")
    assert 'src="/api/v1/feeds/7/cover&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"' in drawn.proto.body
    assert "<script" not in drawn.proto.body and 'alt=""' in drawn.proto.body
