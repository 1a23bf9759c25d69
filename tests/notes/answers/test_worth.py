"""Tell prompt echoes, placeholders and loops from real answers."""

from __future__ import annotations

import pytest

from core.notes import prompts
from core.notes.answers.json_schemas import MOST, map_schema, skeleton
from core.notes.answers.worth import Gate


def gate(language: str = "en", body: str = "We planted maples by the river in 1984. The value null was set.") -> Gate:
    front = prompts.front(prompts.lines([body]), language)
    prompt = prompts.map_prompt(front, MOST, skeleton(map_schema(1, MOST)))
    return Gate("N12ab34cd", "40713", prompt.instructions, front.body)


@pytest.mark.parametrize(
    "text",
    [
        "See N12ab34cd for more",
        "40713",
        "The code is 40713.",
        "As [3] says",
        "{quote}",
        "{{sentence}}",
        "N/A",
        "Title.",
        "字符串",
        "???",
        "<text>",
        "</think> fine",
        "You write reliable notes on audio recordings, as asked",
        "where a new topic begins, 6 at most; line is the number",
        "no no no no no",
        "the river runs the river runs the river runs the river runs",
        "哈哈哈哈哈哈",
    ],
)
def test_no_answer(text: str) -> None:
    assert gate().fault(text)


TALK = [
    "As an AI language model, I cannot listen to audio.",
    "As a large language model I have no access to it.",
    "I'm sorry, but I can't help with that.",
    "I cannot summarise this recording.",
    "I don't have enough context for that.",
    "Sure! Here are two sentences",
    "Here is the JSON object that you asked for:",
    "Below is a short summary of it:",
    "Please provide the transcript.",
    "No transcript was given.",
    "Let me know if you need more.",
    "作为一个人工智能语言模型，我无法听录音。",
    "作為AI，我沒有辦法。",
    "抱歉，我无法完成这个请求。",
    "對不起，我不能幫助你。",
    "好的，以下是这段录音的笔记：",
    "请提供文字稿。",
    "Como modelo de lenguaje, no puedo oír nada.",
    "Lo siento, pero no puedo ayudarte.",
    "Desculpe, mas não posso ajudar.",
    "Als KI-Sprachmodell kann ich nichts hören.",
    "Es tut mir leid, aber ich kann das nicht.",
    "En tant que modèle de langage, je ne peux rien entendre.",
    "Désolé, je ne peux pas vous aider.",
    "Mi dispiace, ma non posso aiutarti.",
    "Извините, но я не могу помочь.",
    "申し訳ありませんが、お手伝いできません。",
    "죄송하지만 도와드릴 수 없습니다.",
    "Üzgünüm, ama yardım edemem.",
]
MATTER = [
    "[INST] go on [/INST]",
    "<start_of_turn>model",
    "</s>",
    "User: hi Assistant: hello",
    "▁the▁harbour",
    "Ġthe Ġharbour",
    "def main():",
    "import os; os.system('ls')",
    "function go() { return 1 }",
    "const x = 1",
    "console.log('hi');",
    "SELECT name FROM people WHERE age = 3;",
    "<p>The harbour</p>",
    "The harbour&nbsp;opens",
    "\\u4e2d\\u6587",
    "www.example.com",
    '"points": [',
    "```json",
    "a JSON form",
    "â€œThe harbourâ€",
    "\ufffd\ufffd\ufffd",
    "Lorem ipsum dolor sit amet",
    "sdfkjhsdf kjhsdf",
    "asdf jkl qwerty",
    "aaaaaaaaaaaaaa",
    "hahahahahahaha",
    "abcabcabcabc",
    "the maple the maple the maple",
    "是的是的是的",
    "Your summary here",
    "Sentence one. Sentence two.",
    "The most important points",
    "Title of the chapter",
    "points: text",
    "what this part says",
    "You write trustworthy notes about recordings from automatic transcripts",
    "Important statements, spread over the whole recording, in brief",
]


@pytest.mark.parametrize("text", [*TALK, *MATTER])
def test_what_a_model_says_in_place_of_notes(text: str) -> None:
    assert gate().fault(text)


@pytest.mark.parametrize("text", [*TALK, "hahahahahahaha", "asdf jkl qwerty", "a JSON form", "是的是的是的", "www.example.com"])
def test_what_was_said_so_may_be_told_so(text: str) -> None:
    assert gate(body=f"Then he read aloud: {text} And all laughed.").fault(text) == ""


HONEST = [
    "As an AI researcher she builds models.",
    "She is sorry, but she cannot help everyone.",
    "The guest refuses: I can't help with that.",
    "They cannot provide housing for all.",
    "Here the river is wide.",
    "Sure signs of spring are early maples.",
    "Please send the report to Emma.",
    "Let it go is sung.",
    "The transcript of the trial was published.",
    "Python's print() function is shown.",
    "Fees (half of them) were paid; the rest waits.",
    "From London to Paris by train.",
    "Import duties rise.",
    "A class of its own.",
    "System: a word for whatever has parts.",
    "Q&A with the mayor.",
    "AT&T and R&D are compared.",
    "Knightsbridge",
    "Angstschweiß",
    "Row, row, row your boat is sung.",
    "New York, New York",
    "Duran Duran",
    "1,000,000,000 dollars",
    "Sentence by sentence she reads the letter.",
    "The first part is about maples.",
    "Chapter one of the novel is read.",
    "慢慢慢慢来。",
    "天天向上。",
    "作为市长，她无法同意。",
    "他说对不起，我不能来。",
    "Порт открыт.",
    "すみませんと言う。",
]


@pytest.mark.parametrize("text", HONEST)
def test_honest_notes_that_look_like_it_from_afar(text: str) -> None:
    assert gate().fault(text) == ""


@pytest.mark.parametrize(
    "text",
    [
        "要证明它的原文（8 到 40 个字）。",
        "证明它的原文（8 到 40 个字）。",
        "新话题开始的地方",
        "重要的名称和术语，至多 10 个",
        "方括号里的数字",
    ],
)
def test_pieces_of_the_task_in_chinese(text: str) -> None:
    assert gate("zh").fault(text)
    assert gate("zh", text).fault(text) == ""


@pytest.mark.parametrize("text", ["the words that prove it", "What this part says, in two", "Where a new topic begins."])
def test_pieces_of_the_task(text: str) -> None:
    assert gate().fault(text)
    assert gate(body=text).fault(text) == ""


@pytest.mark.parametrize(
    "text", ["最重要的论点，至多 10 条，要分布在整个部分", "引文必须从文字稿逐字照抄：连续的一段原文，保持原文的语言"]
)
def test_the_task_in_chinese(text: str) -> None:
    assert gate("zh").fault(text)


@pytest.mark.parametrize(
    "text",
    [
        "They planted maples by the river.",
        "1984",
        "1984.",
        "null",
        "The title was a quote from an example.",
        "It went on and on, and the people on the bank sang on.",
        "The most important statements were made by the mayor.",
        "The price rose from 12 to 15 dollars, and then to 15 again.",
        "三个人商量了很久，最后决定把树种在河边，每个人各种一棵。",
        "What somebody promises matters.",
    ],
)
def test_an_answer(text: str) -> None:
    assert gate().fault(text) == ""


def test_what_the_recording_repeats_may_be_told() -> None:
    song = "row row row your boat " * 6
    assert gate().fault(song)
    assert gate(body=song).fault(f"They sing {song}") == ""


def test_words_of_the_task_that_the_recording_has_are_its_own() -> None:
    said = "Use only what is said there. Do not add knowledge of your own, and do not guess."
    assert gate().fault(said)
    assert gate(body=said).fault(said) == ""
