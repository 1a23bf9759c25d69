from urllib.parse import quote

import pytest

from core.domain.feeds.enclosure_name import another_file, normalise_enclosure

PLAIN = "https://cdn.example/show/ep-17.mp3"
NAME = "cdn.example/show/ep-17.mp3"
INNER = "cdn.example/show/ep-17.mp3"


@pytest.mark.parametrize(
    "url",
    [
        f"https://swap.fm/track/2nzGkisFXQswLYT5s325/{INNER}",
        f"https://tracking.swap.fm/track/XvDE/prfx.byspotify.com/e/play.podtrac.com/npr-510289/{INNER}?size=34627170",
        f"https://op3.dev/e,pg=6a98/https://pdst.fm/e/chrt.fm/track/E3/https:/verifi.podscribe.com/rss/p/{INNER}",
        f"https://mgln.ai/e/p609310/https://{INNER}",
        f"http://pdrl.fm/r/86c73b/6f0827/growx.podkite.com/https/D3E7/{INNER}",
        f"https://s.gum.fm/r1/00007200924c300d57a5ffff/t.glystn.com/v2/track/PID-1/{INNER}",
        f"https://tr.ausha.co/B1mQPt1VGOew/dts.podtrac.com/redirect.mp3/{INNER}",
        f"https://prefix.up.audio/s/pdcds.co/asdfg/m.pfxes.com/AB/r.zen.ai/r/{INNER}",
        f"https://media.blubrry.com/some_show/p/{INNER}",
        # the inner address in percent encoding, once, twice, and in part
        "https://pdst.fm/e/" + quote(INNER, safe=""),
        "https://chtbl.com/track/47E5/" + quote(f"https://{INNER}", safe=""),
        "https://op3.dev/e/" + quote(quote(f"https://{INNER}", safe=""), safe=""),
        f"https://chrt.fm/track/1/https%3A//{INNER}",
        "https://host.example/podcast/play/8471/" + quote(f"https://{INNER}", safe=""),
        "https://swap.fm/track/x/" + quote(f"https://{INNER}?token=abc", safe="") + "?utm_source=rss",
        # redirectors that are told by a parameter
        "https://r.example/go?url=" + quote(PLAIN, safe=""),
        "https://r.example/redirect.php?utm_medium=x&target=" + quote(quote(PLAIN, safe=""), safe=""),
        # signatures and tracking
        f"{PLAIN}?X-Amz-Algorithm=AWS4&X-Amz-Date=20260101T0&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=ff",
        f"{PLAIN}?Expires=1&Signature=a~b&Key-Pair-Id=K2&Policy=ey",
        f"{PLAIN}?sv=2022-11-02&st=2026-01-01&se=2026-02-01&sr=b&sp=r&spr=https&sig=xy%3D",
        f"{PLAIN}?GoogleAccessId=a%40b&Expires=9&Signature=zz",
        f"{PLAIN}?OSSAccessKeyId=L&Expires=1&Signature=x&security-token=y",
        f"{PLAIN}?q-sign-algorithm=sha1&q-ak=A&q-sign-time=1;2&q-key-time=1;2&q-header-list=&q-url-param-list=&q-signature=d",
        f"{PLAIN}?hdnts=exp=1~acl=/*~hmac=a",
        f"{PLAIN}?md5=abc&expires=1700000000",
        f"{PLAIN}?auth_key=1700000000-0-0-abc",
        f"{PLAIN}?wsSecret=ab&wsTime=6544",
        f"{PLAIN}?listeningSessionID=0CD_382&nocache&_=17",
        f"{PLAIN}?rss_browser=BAhJIg&source=rss&stitched=1",
        f"{PLAIN}?t=1535698412&in_playlist=a91018a4&utm_source=Podcast",
        f"{PLAIN}?awCollectionId=a&awEpisodeId=b&aid=rss_feed&feed=54nAGcIl",
        f"{PLAIN}?updated=1742582540&request_event_id=0c&timetoken=17",
        f"{PLAIN}?v=3",
        f"{PLAIN}?fbclid=x&gclid=y&mc_cid=1&mtm_campaign=z",
        "https://cdn.example/show/ep-17.mp3;jsessionid=0A1B?sid=77",
        "HTTP://CDN.example.:80/show/ep%2D17.mp3#t=30",
    ],
)
def test_however_it_is_wrapped_and_signed_it_is_one_file(url: str) -> None:
    assert normalise_enclosure(url) == NAME
    assert not another_file(PLAIN, url) or "v=3" in url


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.example/get.php?id=2", "https://a.example/get.php?id=3"),
        ("https://a.example/download?token=f81d", "https://a.example/download?token=09aa"),
        ("https://a.example/stream.mp3?key=a", "https://a.example/stream.mp3?key=b"),
        ("https://a.example/audio/play?uuid=aa", "https://a.example/audio/play?uuid=bb"),
        ("https://a.example/listen?sid=1&utm_source=x", "https://a.example/listen?sid=2&utm_source=y"),
        ("https://a.example/watch?v=abc", "https://a.example/watch?v=def"),
        ("https://a.example/show-1.mp3?part=1", "https://a.example/show-1.mp3?part=2"),
        ("https://a.example/show-1.mp3?track=1", "https://a.example/show-1.mp3?track=2"),
        ("https://a.example/show-1.mp3?s=1&e=5", "https://a.example/show-1.mp3?s=1&e=6"),
        ("https://a.example/show-1.mp3?t=1", "https://a.example/show-1.mp3?t=2"),
        ("https://a.example/show-1.mp3?lang=en", "https://a.example/show-1.mp3?lang=zh"),
        ("https://a.example/a%2Fb.mp3", "https://a.example/a/b.mp3"),
        ("https://a.example/Ep-1.mp3", "https://a.example/ep-1.mp3"),
        ("https://a.example:8080/1.mp3", "https://a.example/1.mp3"),
        # an address in a query beside a file of its own is not where it leads to
        ("https://a.example/1.mp3?src=https%3A%2F%2Fads.example%2Fad.mp3", "https://ads.example/ad.mp3"),
        ("https://r.example/go?url=https%3A%2F%2Fa.example%2F1.mp3", "https://r.example/go?url=https%3A%2F%2Fa.example%2F2.mp3"),
        # hosts that only look like a counting one
        ("https://notpodtrac.com/redirect.mp3/a.example/1.mp3", "https://a.example/1.mp3"),
        ("https://swap.fm.example/track/x/a.example/1.mp3", "https://a.example/1.mp3"),
    ],
)
def test_what_could_name_a_file_stays(one: str, other: str) -> None:
    assert normalise_enclosure(one) != normalise_enclosure(other)


@pytest.mark.parametrize(
    "url",
    ["", "https://", "not an address", "https://swap.fm/track/x/", "https://op3.dev/e/https://op3.dev/e/https://", "?a=b", "//"],
)
def test_anything_has_a_name(url: str) -> None:
    assert normalise_enclosure(url) == normalise_enclosure(normalise_enclosure(url))


def test_an_endless_chain_ends() -> None:
    assert normalise_enclosure("https://op3.dev/e/" * 5000 + INNER).startswith("op3.dev/e")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("https://a.example/e1.mp3", "https://a.example/e1-fixed.mp3"),
        ("https://a.example/e1.mp3", "https://a.example/e1.mp3?v=2"),
        ("https://a.example/e1.mp3?version=1", "https://a.example/e1.mp3?version=2"),
        ("https://a.example/ep/17/audio/aaaa/default.mp3", "https://a.example/ep/17/audio/bbbb/default.mp3"),
        ("https://op3.dev/e/a.example/e1.mp3", "https://swap.fm/track/x/a.example/e1b.mp3"),
        ("https://a.example/get?id=5", "https://a.example/get?id=6"),
        ("https://a.example/e1.mp3?blob_id=11", "https://a.example/e1.mp3?blob_id=12"),
    ],
)
def test_another_file_is_told_from_the_same(before: str, after: str) -> None:
    assert another_file(before, after)
    assert not another_file(before, before)


@pytest.mark.parametrize(
    "after",
    [
        "https://new-host.example/media/e1.mp3",
        "https://a.example/shows/e1.mp3?token=b",
        "https://pdst.fm/e/a.example/shows/e1.mp3?updated=5",
        "https://a.example/shows/e1.mp3?whatever=5",
        "https://cdn2.example/shows/e1.mp3",
    ],
)
def test_a_move_or_another_signature_is_no_other_file(after: str) -> None:
    assert not another_file("https://a.example/shows/e1.mp3?token=a", after)


@pytest.mark.parametrize(
    "url",
    [
        "https://cdn.example/show/1.mp3",
        "http://cdn.example:80/show/1.mp3",
        "https://CDN.example:443/show/1.mp3#t=0",
        "https://dts.podtrac.com/redirect.mp3/cdn.example/show/1.mp3",
        "https://www.podtrac.com/pts/redirect.mp3/chtbl.com/track/A1B2/cdn.example/show/1.mp3?utm_source=x",
        "https://op3.dev/e,pg=abc/pdst.fm/e/cdn.example/show/1.mp3?token=abc&Expires=123&Signature=x%2F",
        "https://user:secret@cdn.example/show/1.mp3?updated=1699",
        "https://chtbl.com/track/47E579/https://cdn.example/show/1.mp3".replace("https://cdn", "cdn"),
    ],
)
def test_one_file_has_one_name_whatever_counts_its_downloads(url: str) -> None:
    assert normalise_enclosure(url) == "cdn.example/show/1.mp3"


def test_a_query_that_names_the_file_is_kept() -> None:
    assert normalise_enclosure("https://a.example/get.php?id=2&x=1") == normalise_enclosure("http://a.example/get.php?x=1&id=2")
    assert normalise_enclosure("https://a.example/get.php?id=2") != normalise_enclosure("https://a.example/get.php?id=3")


def test_a_tracker_without_an_inner_host_stays_itself() -> None:
    assert normalise_enclosure("https://media.blubrry.com/show/1.mp3") == "media.blubrry.com/show/1.mp3"
