"""Which notes count: garbage of many families replaces nothing that is proven, honest notes of many kinds do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from core.domain.notes.note import Action, Notes, Point, Term, Verdict
from core.notes.extractive import extract
from core.notes.replacing import backed, judge
from tests.notes.conftest import transcript_of

SAID = {language: [s.text for s in transcript_of(language, 40).segments] for language in ("en", "zh")}
# Of 16 minutes, with seven statements.
PLACED = {language: extract(transcript_of(language, 240), language) for language in ("en", "zh")}


def point(text: str, quote: str = "", *, found: bool = True) -> Point:
    return Point(text, quote or text, 1.0, 2.0, 1, True) if found else Point(text, quote or text)


def written(
    gist: str,
    points: Sequence[Point],
    *,
    language: str = "en",
    actions: Sequence[Action] = (),
    model: str = "qwen2.5:7b",
    read: float = 1.0,
) -> Notes:
    return Notes(gist, tuple(points), actions=tuple(actions), coverage=read, engine="ollama", model=model, language=language)


EN, ZH = SAID["en"], SAID["zh"]
# An honest model's notes: its own wording, with the recording's words as quotes.
HONEST_EN = [
    point("Emma calls health important.", EN[0]),
    point("Music became dearer by a few percent.", EN[1]),
    point("Someone has to send an energy report.", EN[2]),
    point("Travel will be discussed for hours.", EN[3]),
    point("David finds robots important as well.", EN[4]),
    point("The cost of history rose.", EN[5]),
]
GIST_EN = "Guests explain why health and robots matter. Prices of music and history rise."
HONEST_ZH = [
    point("李华认为健康非常重要。", ZH[0]),
    point("音乐涨价了。", ZH[1]),
    point("要发一份能源报告。", ZH[2]),
    point("大家谈旅行谈了几个小时。", ZH[3]),
]
GIST_ZH = "客人谈到健康和旅行。音乐的价格上涨了。"
ELSEWHERE_EN = [
    "The queen lived in a castle beyond the sea.",
    "Photosynthesis turns light into sugar.",
    "A young boy named Tom found a puppy.",
    "Paris is the capital of France.",
    "The company was founded in Ohio by two brothers.",
    "Click the button below to subscribe.",
]
ELSEWHERE_ZH = ["从前有一座山，山里有座庙。", "巴黎是法国的首都。", "小狗在花园里追蝴蝶。", "公司由两兄弟创办于俄亥俄。"]


def unfound(texts: Sequence[str], quotes: Sequence[str] = ()) -> list[Point]:
    return [point(text, quote, found=False) for text, quote in zip(texts, quotes or texts, strict=True)]


GARBAGE: Mapping[str, tuple[str, Notes]] = {
    "nothing is proven": ("en", written(GIST_EN, unfound(ELSEWHERE_EN))),
    "one proven among many that are not": ("en", written(GIST_EN, [HONEST_EN[0], *unfound(ELSEWHERE_EN)])),
    "one proven among two that are not": ("en", written(GIST_EN, [HONEST_EN[0], *unfound(ELSEWHERE_EN[:2])])),
    "two proven among five": ("en", written(GIST_EN, [*HONEST_EN[:2], *unfound(ELSEWHERE_EN[:3])])),
    "one proven, and no more": ("en", written("Emma says that health is important.", HONEST_EN[:1])),
    "true quotes under other statements": (
        "en",
        written(GIST_EN, [point(text, quote) for text, quote in zip(ELSEWHERE_EN, EN, strict=False)]),
    ),
    "true quotes under the same empty statement": (
        "en",
        written(GIST_EN, [point(f"This is an important point, and topic {n}.", EN[n]) for n in range(6)]),
    ),
    "a gist of something else": ("en", written("A boy finds a puppy. They live happily in a castle.", HONEST_EN)),
    "a gist that says what it is": (
        "en",
        written("This is a summary of the transcript. The speaker discusses the main topic of the recording.", HONEST_EN),
    ),
    "proven points under invented promises": (
        "en",
        written(GIST_EN, HONEST_EN[:3], actions=[Action(text, text) for text in ELSEWHERE_EN[:4]]),
    ),
    "true quotes of the half that was read, far fewer than were": ("en", written(GIST_EN, HONEST_EN[:1], read=0.9)),
    "nothing at all": ("en", written(GIST_EN, [])),
    "Chinese, nothing is proven": ("zh", written(GIST_ZH, unfound(ELSEWHERE_ZH), language="zh")),
    "Chinese, one proven among four": ("zh", written(GIST_ZH, [HONEST_ZH[0], *unfound(ELSEWHERE_ZH)], language="zh")),
    "Chinese, true quotes under other statements": (
        "zh",
        written(GIST_ZH, [point(text, quote) for text, quote in zip(ELSEWHERE_ZH, ZH, strict=False)], language="zh"),
    ),
    "Chinese, a gist of something else": (
        "zh",
        written("从前有一座山。山里有座庙，庙里有个老和尚。", HONEST_ZH, language="zh"),
    ),
    "another language, nothing is proven": ("zh", written(GIST_EN, unfound(ELSEWHERE_EN))),
}


@pytest.mark.parametrize("family", GARBAGE)
def test_garbage_replaces_nothing_that_is_proven(family: str) -> None:
    language, notes = GARBAGE[family]
    assert judge(PLACED[language], notes, language) is Verdict.TOO_WEAK
    good = replace(PLACED[language], engine="ollama", model="qwen2.5:7b")
    assert judge(good, notes, language) is Verdict.TOO_WEAK


HONEST: Mapping[str, tuple[str, Notes]] = {
    "all proven": ("en", written(GIST_EN, HONEST_EN)),
    "half of it proven": ("en", written(GIST_EN, [*HONEST_EN[:3], *unfound(ELSEWHERE_EN[:3])])),
    "by a small model, and few": ("en", written(GIST_EN, HONEST_EN[:3], model="smollm2:135m")),
    "in the recording's own words": ("en", written(f"{EN[0]} {EN[5]}", [point(text) for text in EN[:5]])),
    "with promises": (
        "en",
        written(GIST_EN, HONEST_EN, actions=[Action("Send the report.", EN[2], 9.0, True), Action("Call.", "")]),
    ),
    "other forms of the words": (
        "en",
        written(GIST_EN, [point("Explaining the importance of healthy living", EN[0]), *HONEST_EN[1:]]),
    ),
    "in French, on English": (
        "en",
        written(
            "Les invités parlent de santé. Les prix augmentent.",
            [
                point("La santé compte beaucoup.", EN[0]),
                point("La musique est plus chère.", EN[1]),
                point("Les prix montent.", EN[5]),
            ],
            language="fr",
        ),
    ),
    "in Chinese, on English": (
        "en",
        written(
            "客人谈健康。音乐涨价。",
            [point(t, q) for t, q in zip(["客人谈健康", "音乐涨价", "写报告"], EN, strict=False)],
            language="zh",
        ),
    ),
    "in English, on Chinese": (
        "zh",
        written(
            "Guests praise health. Music gets dearer.",
            [point(t, q) for t, q in zip(["Guests praise health", "Music gets dearer", "A report"], ZH, strict=False)],
        ),
    ),
    "Chinese": ("zh", written(GIST_ZH, HONEST_ZH, language="zh")),
    "Chinese, its other script": (
        "zh",
        written("客人談到健康和旅行。音樂漲價。", [point("李華認為健康非常重要。", ZH[0]), *HONEST_ZH[1:]], language="zh"),
    ),
    "Chinese, half of it proven": ("zh", written(GIST_ZH, [*HONEST_ZH[:3], *unfound(ELSEWHERE_ZH[:3])], language="zh")),
    "half of the recording was read": ("en", written(GIST_EN, HONEST_EN[:2], read=0.5)),
}


# (language, gist, statements with their quotes): as a model that knows the language writes.
ABROAD = [
    (
        "de",
        "Es geht um Gesundheit und Schulen. Die Preise steigen.",
        [
            ("Gesunde Ernährung ist wichtig.", "die Gesundheit unserer Kinder hängt davon ab"),
            ("Eine Schule wird geschlossen.", "dann werden zwei Schulen im Sommer geschlossen"),
            ("Preise für Strom steigen.", "der Strompreis ist um ein Drittel gestiegen"),
        ],
    ),
    (
        "ru",
        "Гость говорит о здоровье. Цены на музыку выросли.",
        [
            ("Здоровый сон важнее всего.", "о здоровье детей никто не думает"),
            ("Музыка подорожала.", "цены на музыку выросли в два раза"),
        ],
    ),
    (
        "ko",
        "손님이 건강을 이야기한다. 음악 값이 올랐다.",
        [("건강이 제일 중요하다.", "우리는 건강을 먼저 챙겨야 합니다"), ("음악이 비싸졌다.", "음악의 가격이 두 배가 되었어요")],
    ),
    (
        "ar",
        "يتحدث الضيف عن الصحة. وارتفعت الأسعار.",
        [("صحة الأطفال مهمة.", "نحن نهتم بالصحة قبل كل شيء"), ("ارتفع سعر الخبز.", "وقد ارتفعت أسعار الخبز كثيرا")],
    ),
    (
        "ja",
        "ゲストは健康について話す。音楽の値段が上がった。",
        [
            ("健康が大切だという。", "やっぱり健康が一番大事ですね"),
            ("音楽の値段が上がった。", "音楽の値段がずいぶん上がりました"),
        ],
    ),
]


@pytest.mark.parametrize(("language", "gist", "said"), ABROAD, ids=[row[0] for row in ABROAD])
def test_honest_notes_in_other_languages_replace_too(language: str, gist: str, said: list[tuple[str, str]]) -> None:
    placed = Notes(gist, tuple(point(quote) for _, quote in said), language=language)
    notes = written(gist, [point(text, quote) for text, quote in said], language=language)
    assert judge(placed, notes, language) is Verdict.REPLACES
    assert judge(placed, written(gist, unfound([text for text, _ in said]), language=language), language) is Verdict.TOO_WEAK


@pytest.mark.parametrize("kind", HONEST)
def test_honest_notes_replace_chosen_sentences(kind: str) -> None:
    language, notes = HONEST[kind]
    assert judge(PLACED[language], notes, language) is Verdict.REPLACES


TAUGHT = {
    "en": [
        (
            "Professor Wang has taught physics for two decades",
            "we talk with professor Wang who has taught physics for twenty years",
        ),
        ("Phone chips rely on quantum mechanics", "the chip in your phone could not be made without quantum mechanics"),
        ("Grades matter too much in education", "I think education today cares too much about grades"),
        ("Thirty students did internships", "last year thirty of our students went there as interns"),
        ("AI won't replace teachers", "artificial intelligence will change what teachers do but will not replace them"),
    ],
    "zh": [
        ("王老师在大学教物理二十年", "我们今天请到的是王老师他在大学里教了二十年的物理"),
        ("手机芯片离不开量子力学", "其实你手机里的芯片没有量子力学是做不出来的"),
        ("教育过于看重分数", "我觉得现在的教育太看重分数了"),
        ("AI不会取代老师", "人工智能会改变老师的工作但是不会取代老师"),
        ("家长应多陪孩子读书", "我建议家长多陪孩子读书而不是报补习班"),
    ],
}


@pytest.mark.parametrize(
    ("language", "gist", "of_it"),
    [
        (
            "en",
            "The guest reflects on schooling, science and technology in an interview. He speaks to teachers and families.",
            True,
        ),
        ("en", "This episode explores the value of science education. It also covers phones and technology in classrooms.", True),
        ("en", "A veteran lecturer shares his views on why physics matters, and on what machines do to teachers.", True),
        ("en", "A queen lives beyond the sea. She sends her ships to find gold for a war against the king.", False),
        ("en", "Click the button below and subscribe to our channel for more videos about cooking.", False),
        ("zh", "这一部分介绍了嘉宾的背景。他认为教育不应只看分数。", True),
        ("zh", "嘉宾分享了对教育改革的看法，并给家长提出了建议。", True),
        ("zh", "讲座涉及物理教育的价值、大学里的职业发展与家庭。", True),
        ("zh", "从前有一座山，山里有座庙，庙里有个老和尚在讲故事。", False),
        ("zh", "欢迎订阅我们的频道，点击下方按钮，观看更多做菜的视频。", False),
    ],
)
def test_a_gist_in_words_of_its_own_counts_over_much_that_is_backed(language: str, gist: str, of_it: bool) -> None:
    said = [point(text, quote) for text, quote in TAUGHT[language]]
    placed = Notes(said[0].quote, tuple(point(p.quote) for p in said), language=language)
    verdict = Verdict.REPLACES if of_it else Verdict.TOO_WEAK
    assert judge(placed, written(gist, said, language=language), language) is verdict


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_a_short_memo_needs_no_more_than_it_says(language: str, count: int) -> None:
    transcript = transcript_of(language, count)
    said = transcript.segments[0].text
    assert judge(extract(transcript, language), written(said, [point(said)], language=language), language) is Verdict.REPLACES


def test_where_nothing_counts_or_is_proven_the_newer_do() -> None:
    weak = written(GIST_EN, unfound(ELSEWHERE_EN))
    for before in (None, replace(PLACED["en"], points=()), weak):
        assert judge(before, weak, "en") is Verdict.REPLACES
    assert judge(weak, PLACED["en"], "en") is Verdict.REPLACES


def test_a_smaller_model_replaces_a_larger_ones_notes_only_with_as_many_that_are_proven() -> None:
    large, small = written(GIST_EN, HONEST_EN, model="qwen2.5:14b"), written(GIST_EN, HONEST_EN[:4], model="llama3.2:1b")
    assert judge(large, small, "en") is Verdict.OUTDONE
    assert judge(large, replace(small, points=large.points), "en") is Verdict.REPLACES
    # The other way round, at the same size, and where a name says no size, the newer counts.
    fewer = replace(large, points=large.points[:4])
    for before, new in [(replace(small, points=large.points), fewer), (large, fewer), (replace(large, model="mine"), small)]:
        assert judge(before, new, "en") is Verdict.REPLACES


def test_notes_that_came_to_no_end_replace_only_what_read_less() -> None:
    whole, half = written(GIST_EN, HONEST_EN), written(GIST_EN, HONEST_EN, read=0.5)
    assert judge(whole, half, "en") is Verdict.READ_LESS
    assert judge(half, whole, "en") is Verdict.REPLACES


def test_a_name_that_was_found_counts_for_the_gist() -> None:
    notes = written("Grace Hopper opens the evening.", HONEST_EN)
    assert judge(PLACED["en"], notes, "en") is Verdict.TOO_WEAK
    named = replace(notes, terms=(Term("Grace Hopper", "", EN[16], 3.0, True),))
    assert judge(PLACED["en"], named, "en") is Verdict.REPLACES


def test_what_is_backed_has_its_quote_and_a_word_of_it() -> None:
    notes = written(GIST_EN, [HONEST_EN[0], point("Paris is a capital.", EN[1]), *unfound(ELSEWHERE_EN[:1])])
    assert backed(notes, "en") == [HONEST_EN[0]]
    assert len(backed(notes, "de")) == 2
