"""Segments that can be read: in order, apart, a sentence each."""

from __future__ import annotations

from dataclasses import replace

from core.domain.transcripts.transcript import Word
from core.speech.text.sentences import HeardPiece, arrange, sentences


def words(text: str, start: float = 0.0, step: float = 0.5) -> tuple[Word, ...]:
    return tuple(Word(start + i * step, start + (i + 1) * step, " " + w, 0.9) for i, w in enumerate(text.split()))


def heard(text: str, start: float = 0.0, step: float = 0.5) -> HeardPiece:
    spoken = words(text, start, step)
    return HeardPiece(spoken[0].start, spoken[-1].end, text, spoken)


def test_a_block_of_sentences_is_cut_at_their_ends() -> None:
    block = heard("Dr. Smith paid 3.5 dollars. Did he? Yes! He lives in the U.S. with Bob.")
    assert [h.text.strip() for h in arrange([block], 0, 60)] == [
        "Dr. Smith paid 3.5 dollars.",
        "Did he?",
        "Yes!",
        "He lives in the U.S. with Bob.",
    ]


def test_an_endless_sentence_is_cut_at_a_clause() -> None:
    block = heard(" ".join(f"word{i}" + ("," if i % 10 == 9 else "") for i in range(100)))
    pieces = arrange([block], 0, 60)
    assert all(p.end - p.start <= 30 and len(p.text) <= 240 for p in pieces)
    assert all(p.text.endswith(",") for p in pieces[:-1])


def test_a_long_silence_inside_a_segment_divides_it() -> None:
    both = (*words("before the break"), *words("after it", start=12.0))
    pieces = arrange([HeardPiece(0, 13, "before the break after it", both)], 0, 60)
    assert [(p.text.strip(), p.start) for p in pieces] == [("before the break", 0.0), ("after it", 12.0)]


def test_overlaps_and_wrong_order_are_put_right() -> None:
    mess = [
        heard("second one", 4.0),
        heard("first one here", 2.8),
        HeardPiece(9.0, 8.0, "backwards"),
        HeardPiece(58, 99, "beyond"),
        HeardPiece(5, 6, " "),
    ]
    pieces = arrange(mess, 0.0, 60.0)
    assert [p.text for p in pieces] == ["first one here", "second one", "backwards", "beyond"]
    ends = 0.0
    for piece in pieces:
        assert ends <= piece.start <= piece.end <= 60.0
        assert all(piece.start <= w.start <= w.end <= piece.end for w in piece.words)
        ends = piece.end


def joined(*pieces: HeardPiece) -> list[str]:
    return [h.text.strip() for h in sentences(arrange(pieces, 0, 120))]


def test_pieces_of_one_sentence_are_joined_and_others_are_not() -> None:
    assert joined(
        heard("we talked about policies like"), heard("a confidence that shifts rooms.", 3.0), heard("And so it went on.", 6.0)
    ) == [
        "we talked about policies like a confidence that shifts rooms.",
        "And so it went on.",
    ]


def test_very_short_sentences_go_with_their_neighbour_unless_pauses_stand_around_them() -> None:
    near = [heard("He went home early."), heard("Yes.", 2.1), heard("She stayed until the end.", 2.9)]
    assert joined(*near) == ["He went home early. Yes.", "She stayed until the end."]
    apart = [heard("He went home early."), heard("Yes.", 3.0), heard("She stayed until the end.", 5.0)]
    assert joined(*apart) == ["He went home early.", "Yes.", "She stayed until the end."]


def test_what_was_heard_in_a_gap_of_another_piece_stands_in_it() -> None:
    around = HeardPiece(0, 12, "it began and it ended.", (*words("it began", 0.0), *words("and it ended.", 10.0)))
    inner = replace(heard("while nobody looked", 4.0), again=True)
    pieces = arrange([around, inner], 0, 60)
    assert [p.text.strip() for p in pieces] == ["it began", "while nobody looked", "and it ended."]
    assert [p.again for p in pieces] == [False, True, False]


def test_a_capital_after_a_pause_ends_the_sentence_before_it() -> None:
    english = [
        replace(heard("this is the sick corpus"), language="en"),
        replace(heard("Hopefully it is loud.", 4.0), language="en"),
    ]
    assert joined(*english) == ["this is the sick corpus.", "Hopefully it is loud."]
    german = [replace(heard("das ist das Haus"), language="de"), replace(heard("Peters und meins.", 4.0), language="de")]
    assert joined(*german) == ["das ist das Haus Peters und meins."]


def test_two_languages_are_never_one_segment() -> None:
    both = [replace(heard("he said"), language="en"), replace(heard("guten Tag.", 1.2), language="de")]
    assert joined(*both) == ["he said", "guten Tag."]
