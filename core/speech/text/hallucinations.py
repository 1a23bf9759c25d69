"""Drop phrases that Whisper writes over silence and music because its training subtitles ended with them.

    credits      ─► dropped: nobody says them aloud
    farewells    ─► dropped only when the model itself doubted them, when one repeats without end, or when they are a third of
                    all decoded text
    anything else─► kept

A real speaker's "Thank you for listening." is said once and heard clearly: it stays.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby

from core.speech.text.sentences import HeardPiece

# More repetitions in a row than a speaker makes.
ENDLESS = 4

CREDITS = re.compile(
    r"amara\.?org|opensubtitles|请不吝点赞|請不吝點贊|明镜与点点|明鏡與點點|优优独播剧场|優優獨播劇場|yoyotelevisionseries|"
    r"^(中文|请|請)?字幕(志愿者|志願者|组|組|由|制作|製作|提供|by|：|:)|"
    r"^(subtitles?|captions?|transcri(bed|ption)|translat(ed|ion))(and\w+)?by|"
    r"^sous-?titr(es|age)(réaliséspar|de|st)|^untertitel(ung|von|imauftrag)|^субтитры(сделал|создавал|делал)",
    re.IGNORECASE,
)

_FAREWELLS = """
    thankyou thankyouverymuch thankyousomuch thankyouforwatching thankyouforlistening thanksforwatching thanksforlistening
    thankyouforyourattention thankyouforwatchingthisvideo pleasesubscribe pleasesubscribetomychannel likeandsubscribe
    dontforgettolikeandsubscribe seeyounexttime seeyouinthenextvideo seeyouinthenextone illseeyouinthenextvideo bye byebye
    you music applause silence
    谢谢 谢谢大家 谢谢观看 谢谢收看 谢谢收听 感谢观看 感谢收看 感谢收听 感谢您的观看 感谢您的收看 谢谢大家的观看 谢谢大家收看
    我们下期再见 下期再见 我们下次再见 请订阅 请点赞订阅 欢迎订阅 点赞订阅 订阅 字幕 音乐 掌声
    謝謝 謝謝大家 謝謝觀看 謝謝收看 謝謝收聽 感謝觀看 感謝收看 感謝收聽 感謝您的觀看 我們下期再見 請訂閱 歡迎訂閱 音樂 掌聲
    ご視聴ありがとうございました ありがとうございました 시청해주셔서감사합니다 감사합니다
"""
FAREWELLS = frozenset(_FAREWELLS.split())
# Patterns of the many farewells that end videos in English.
FAREWELL = re.compile(
    r"(thanks|thankyou)(so|very)?(much)?(for(watching|listening|yourattention)(thisvideo)?)?|"
    r"(i(wi)?ll)?seeyou(soon|next(time|week)|inthenext(video|one))|(ihope|if)you(enjoyed|liked)(thisvideo|it)|"
    r"(please|dontforgetto)?(like|share|subscribe|comment)+(tomychannel)?(formorevideos)?|bye(bye)?"
)
# At this share of all decoded text, farewells are hallucinations.
MOSTLY = 1 / 3
CLAUSES = re.compile(r"[,.!?;，。！？]|\band\b", re.IGNORECASE)


def sort_out(heard: Sequence[HeardPiece]) -> tuple[list[HeardPiece], list[HeardPiece]]:
    """Split pieces into (kept, hallucinations)."""
    kept: list[HeardPiece] = []
    hallucinations: list[HeardPiece] = []
    farewells = sum(_is_farewell(h.text) for h in heard)
    senseless = farewells >= ENDLESS and farewells > MOSTLY * len(heard)
    for text, group in groupby(heard, key=lambda h: _bare(h.text)):
        run = list(group)
        endless = text in FAREWELLS and len(run) >= ENDLESS
        for piece in run:
            doubted = _is_farewell(piece.text) and (piece.weak or senseless)
            (hallucinations if _is_credit(text) or endless or doubted else kept).append(piece)
    return kept, hallucinations


def is_weak(*, mean_log_probability: float, no_speech: float, word_probabilities: Sequence[float], characters: float) -> bool:
    """Return whether the model doubted a segment: unlikely tokens, probably no speech, or more text than fits the time.

    `characters` is the number of characters a second.
    """
    mean = sum(word_probabilities) / len(word_probabilities) if word_probabilities else 1.0
    return mean_log_probability < -1.0 or no_speech > 0.6 or mean < 0.35 or characters > 40.0


def _is_credit(text: str) -> bool:
    # A sentence about subtitles is longer than a credit.
    return len(text) <= 60 and bool(CREDITS.search(text))


def _is_farewell(text: str) -> bool:
    """Return whether the text is a farewell, or several in one sentence."""
    clauses = [bare for clause in CLAUSES.split(text) if (bare := _bare(clause))]
    return _bare(text) in FAREWELLS or (bool(clauses) and all(c in FAREWELLS or FAREWELL.fullmatch(c) for c in clauses))


def _bare(text: str) -> str:
    return re.sub(r"[^\w.:：-]|[_]", "", text.lower()).strip(".:：-").replace("'", "")
