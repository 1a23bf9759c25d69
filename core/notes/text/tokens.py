"""Split text into comparable tokens: the common part of two wordings of one utterance, and nothing more.

    raw text → NFKC, case, apostrophes → words, numbers, single CJK characters, % and currency signs; the rest is dropped

A number is one token with its sign and decimals ("-3.5", "1,000" as "1000"), so that 5 is not found inside 3.5. Scripts written
without spaces give one token a character.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

# Han, kana, bopomofo and the South-East Asian scripts: no spaces between words.
_UNSPACED = "\u3005\u3007\u3040-\u30ff\u3100-\u312f\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_UNSPACED += "\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0ece\u1000-\u104f\u1780-\u17d3"
_LETTER = rf"[^\W\d_{_UNSPACED}]"
_MARKS = "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0900-\u0dff"
_TOKEN = re.compile(
    rf"(?P<end>[.!?。]+(?!\d))"
    rf"|(?P<token>(?:(?<!\w)-)?\d+(?:[.,:/]\d+)*|[{_UNSPACED}]|{_LETTER}(?:{_LETTER}|[{_MARKS}]|'(?={_LETTER}))*|[%‰$€£¥₹])"
)
_THOUSANDS = re.compile(r"-?\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_ONE_UNSPACED = re.compile(f"[{_UNSPACED}]")
_FOLD = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "＇": "'", "−": "-", "–": "-", "‐": "-", "‑": "-", "％": "%"})

_NUMBER_LIST = """
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen
    nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million billion trillion dozen half double
    hundreds thousands millions billions percent % ‰ 零 〇 一 二 两 兩 三 四 五 六 七 八 九 十 百 千 万 萬 亿 億 半 几 幾
"""
_NUMBER_WORDS = frozenset(_NUMBER_LIST.split())
_NEGATIONS = frozenset(("not", "never", "cannot", "hardly", "barely", "不", "没", "沒", "未"))

# --- parts that a faithful quotation may leave out or write differently -----------------------------

_SOFT_LIST = """
    uh uhm um er erm ah oh hm hmm mm mhm well so and the a an just actually basically
    嗯 啊 呃 哦 呀 嘛 呢 吧 诶 欸 哎 唉 额 的 了
"""
_SOFT = frozenset(_SOFT_LIST.split())
_SOFT_PAIRS = frozenset({("you", "know"), ("i", "mean"), ("kind", "of"), ("sort", "of")})
_WRITTEN_OUT = {
    "can't": ("can", "not"),
    "cannot": ("can", "not"),
    "won't": ("will", "not"),
    "shan't": ("shall", "not"),
    "gonna": ("going", "to"),
    "wanna": ("want", "to"),
    "let's": ("let", "us"),
    "i'm": ("i", "am"),
}
_ENDINGS = (("n't", "not"), ("'re", "are"), ("'ll", "will"), ("'ve", "have"))
_OUR = re.compile(r"our(?=(?:|s|ed|ing|ite|ites|able|ful|hood)$)")
_IS = frozenset(("it", "he", "she", "that", "there", "here", "what", "who", "where", "how"))


def normalise(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().translate(_FOLD)


def tokens(text: str) -> list[str]:
    return [token for token, _ in tokens_and_ends(text)]


def tokens_and_ends(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the tokens, each with whether a sentence ends after it."""
    last: str | None = None
    for match in _TOKEN.finditer(normalise(text)):
        if match["end"]:
            if last is not None:
                yield last, True
            last = None
            continue
        if last is not None:
            yield last, False
        last = _plain_number(match["token"])
    if last is not None:
        yield last, True


def spans(text: str) -> list[tuple[int, int]]:
    """Return where in the raw text each token stands, as [from, to) offsets; as many as `tokens(text)` for composed text."""
    folded, origin = "", []
    for index, char in enumerate(text):
        plain = normalise(char)
        folded += plain
        origin += [index] * len(plain)
    return [(origin[m.start()], origin[m.end() - 1] + 1) for m in _TOKEN.finditer(folded) if m["token"]]


def _plain_number(token: str) -> str:
    return token.replace(",", "") if "," in token and _THOUSANDS.fullmatch(token) else token


def is_number(token: str) -> bool:
    return token[-1].isdigit() or token in _NUMBER_WORDS


def is_negation(token: str) -> bool:
    return token in _NEGATIONS or token.endswith("n't")


def is_unspaced(token: str) -> bool:
    return bool(_ONE_UNSPACED.match(token))


def weight(run: Iterable[str]) -> int:
    """Return the weight of a run of tokens: 4 for a word, 3 for a character of an unspaced script."""
    return sum(3 if is_unspaced(t) else 4 for t in run)


def reduced(run: list[str]) -> tuple[list[str], list[int]]:
    """Return the run without fillers, articles and stutters, contractions expanded, in American spelling; and each one's origin.

    Numbers, negations and every word that carries meaning stay as they are.
    """
    kept: list[str] = []
    origin: list[int] = []
    skip = -1
    for index, token in enumerate(run):
        if index <= skip or token in _SOFT:
            continue
        if index + 1 < len(run) and (token, run[index + 1]) in _SOFT_PAIRS:
            skip = index + 1
            continue
        if kept and kept[-1] == token and not is_number(token) and not is_unspaced(token):
            continue
        for part in _written_out(token):
            kept.append(_american(part))
            origin.append(index)
    return kept, origin


def _written_out(token: str) -> tuple[str, ...]:
    if "'" not in token and token not in _WRITTEN_OUT:
        return (token,)
    if token in _WRITTEN_OUT:
        return _WRITTEN_OUT[token]
    for ending, word in _ENDINGS:
        if token.endswith(ending) and len(token) > len(ending):
            return (token[: -len(ending)], word)
    if token.endswith("'s") and token[:-2] in _IS:
        return (token[:-2], "is")
    return (token,)


def _american(token: str) -> str:
    if len(token) < 5 or not token.isascii():
        return token
    if token.endswith(("ise", "ised", "ises", "ising", "isation")):
        head, _, tail = token.rpartition("is")
        return f"{head}iz{tail}"
    return _OUR.sub("or", token)
