"""WebVTT as FFmpeg's own decoder reads it."""

from __future__ import annotations

from pathlib import Path

from core.domain.transcripts.transcript import Transcript
from core.export.writers.vtt import vtt
from tests.export.conftest import read_back


def test_vtt_is_read_as_it_was_meant(spoken: Transcript, tmp_path: Path) -> None:
    first, second = read_back(vtt(spoken), tmp_path / "t.vtt")
    assert first == ("00:00:00,000 --> 00:00:02,000", "Tom & Jerry <b>say</b> a --> b")
    assert second[0] == "00:00:02,500 --> 00:00:03,500"
    assert second[1].replace(" ", "") == "今天我们谈经济和音乐，会议在五点开始，价格上涨了百分之二十。"


def test_vtt_holds_no_tag_and_no_arrow_from_the_text(spoken: Transcript) -> None:
    text = vtt(spoken)
    assert "Tom &amp; Jerry &lt;b&gt;say&lt;/b&gt; a --&gt; b" in text
    assert "<v A x B>今天" in text
    assert text.count("-->") == 2
