"""Phantom phrases go, real ones stay."""

from __future__ import annotations

from core.speech.text.hallucinations import is_weak, sort_out
from core.speech.text.sentences import HeardPiece


def texts(*heard: HeardPiece) -> list[str]:
    """Return the remaining texts. The filter also returns the removed ones, so that they can be reported."""
    kept, hallucinations = sort_out(heard)
    assert sorted([*kept, *hallucinations], key=heard.index) == list(heard)
    return [h.text for h in kept]


def said(text: str, *, weak: bool = False) -> HeardPiece:
    return HeardPiece(0, 1, text, weak=weak)


def test_credits_that_nobody_says_are_dropped() -> None:
    assert (
        texts(
            said("Subtitles by the Amara.org community"),
            said("请不吝点赞 订阅 转发 打赏支持明镜与点点栏目"),
            said("字幕由志愿者提供"),
        )
        == []
    )


def test_a_farewell_stays_unless_the_model_doubted_it() -> None:
    for text in ("Thank you for listening.", "谢谢收听。", "Thanks for watching!", "謝謝觀看"):
        assert texts(said(text)) == [text]
        assert texts(said(text, weak=True)) == []


def test_a_farewell_without_end_is_dropped() -> None:
    assert texts(*[said("Thank you.")] * 5, said("The answer is yes.")) == ["The answer is yes."]
    assert texts(*[said("The answer is yes.")] * 5) == ["The answer is yes."] * 5


def test_a_doubtful_sentence_of_substance_stays() -> None:
    assert texts(said("We talked about subtitles by hand, and what they cost a studio.", weak=True)) != []


def test_doubt_comes_from_tokens_silence_words_or_haste() -> None:
    sure = {"mean_log_probability": -0.2, "no_speech": 0.1, "word_probabilities": [0.9], "characters": 15.0}
    assert not is_weak(**sure)  # type: ignore[arg-type]
    for doubt in ({"mean_log_probability": -1.5}, {"no_speech": 0.8}, {"word_probabilities": [0.1]}, {"characters": 90.0}):
        assert is_weak(**(sure | doubt))  # type: ignore[arg-type]


def test_several_farewells_in_one_sentence_are_one() -> None:
    sentence = "I hope you enjoyed this video, and I'll see you in the next video."
    assert texts(said(sentence)) == [sentence]
    assert texts(said(sentence, weak=True)) == []


def test_nothing_but_farewells_is_what_a_model_says_that_does_not_understand() -> None:
    farewells = [
        said("Thank you for watching."),
        said("See you in the next video."),
        said("Thank you very much."),
        said("Bye bye."),
    ]
    assert texts(*farewells, said("Some comments.")) == ["Some comments."]
    talk = [said(f"This is sentence {n} of a talk.") for n in range(12)]
    assert texts(*talk, *farewells) == [*(h.text for h in talk), *(h.text for h in farewells)]
