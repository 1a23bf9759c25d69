"""Answers as servers send them: rows that are odd, lines that do not end, thoughts in place of an answer. Over real sockets."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from core import errors
from core.llm import streaming
from core.llm.ollama import ContextExceeded, ModelAnswer, OllamaClient

LAST = {"done": True, "done_reason": "stop", "prompt_eval_count": 10, "eval_count": 3}
Says = Callable[[socket.socket], None]


def row(content: Any = "", **more: Any) -> bytes:
    return json.dumps({"message": {"role": "assistant", "content": content}} | more, ensure_ascii=False).encode() + b"\n"


def thought(text: str) -> bytes:
    return json.dumps({"message": {"content": "", "thinking": text}}).encode() + b"\n"


def http(body: bytes, status: str = "200 OK", *headers: str) -> bytes:
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


@contextmanager
def server(says: bytes | Says) -> Iterator[tuple[str, list[bytes]]]:
    """Yield its URL and the list of received requests."""
    sent: list[bytes] = []

    def serve() -> None:
        while True:
            try:
                talk, _ = listener.accept()
            except OSError:
                return
            with talk:
                sent.append(_request(talk))
                try:
                    if callable(says):
                        says(talk)
                    else:
                        talk.sendall(says)
                except OSError:
                    # Whoever asked has heard enough.
                    continue

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}", sent
        finally:
            # Closing alone does not end an accept() that waits.
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def _request(talk: socket.socket) -> bytes:
    got = b""
    while b"\r\n\r\n" not in got and (piece := talk.recv(65536)):
        got += piece
    head, _, body = got.partition(b"\r\n\r\n")
    length = next((int(h.split(b":")[1]) for h in head.split(b"\r\n") if h.lower().startswith(b"content-length")), 0)
    while len(body) < length and (piece := talk.recv(65536)):
        body += piece
    return head + b"\r\n\r\n" + body


def ask(says: bytes | Says) -> ModelAnswer:
    with server(says) as (address, _):
        return asked(address)


def asked(address: str) -> ModelAnswer:
    messages = [{"role": "user", "content": "a secret transcript"}]
    return OllamaClient(address).chat("x:1b", messages, None, num_ctx=2048, num_predict=9, wall_clock_seconds=60.0)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (row("a\u2028b\u2029c\x85d\x0be") + row("", **LAST), "a\u2028b\u2029c\x85d\x0be"),
        (row("hi", error=None) + row("", error="", **LAST), "hi"),
        (b'{"message":{"content":"h\xff\xfei"}}\n' + row("", **LAST), "h\ufffd\ufffdi"),
        (b"\n \n" + row("hi") + b"\r\n" + row("", **LAST), "hi"),
        (json.dumps({"message": {"content": "hi"}} | LAST).encode(), "hi"),
    ],
)
def test_a_row_is_what_stands_between_two_line_feeds(body: bytes, said: str) -> None:
    answer = ask(http(body))
    assert (answer.text, answer.done_reason, answer.prompt_eval_count) == (said, "stop", 10)


def test_what_was_only_thought_is_the_answer_where_there_is_no_other() -> None:
    assert ask(http(thought('{"code":') + thought(' "1"}') + row("\n ", **LAST))).text == '{"code": "1"}'
    assert ask(http(thought("hm") + row("yes") + row("", **LAST))).text == "yes"


def test_a_character_that_comes_in_two_pieces_stays_one() -> None:
    def says(talk: socket.socket) -> None:
        talk.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        for byte in row("中文😀") + row("", **LAST):
            talk.sendall(bytes([byte]))

    assert ask(says).text == "中文😀"


@pytest.mark.parametrize(
    ("says", "error"),
    [
        (http(b"[" * 200_000 + b"\n"), errors.OllamaBadAnswer),
        (http(b'{"a":' * 200_000 + b"\n"), errors.OllamaBadAnswer),
        (http(b"neither", "200 OK", "Content-Encoding: gzip"), errors.OllamaBadAnswer),
        (http(b"[1]\n"), errors.OllamaBadAnswer),
        (http(b'"an error"\n'), errors.OllamaBadAnswer),
        (http(b'{"message": "hi"}\n'), errors.OllamaBadAnswer),
        (http(json.dumps(LAST, indent=1).encode()), errors.OllamaBadAnswer),
        (http(row("hi")), errors.OllamaBroke),
        (http(b""), errors.OllamaBroke),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + row("hi"), errors.OllamaBroke),
        (http(row("hi") + b'{"error": "context length exceeded"}\n'), ContextExceeded),
        (http(b'{"error": "the input length exceeds the context length", "status": 400}\n'), ContextExceeded),
        (http(b"<html>413</html>", "413 Request Entity Too Large"), ContextExceeded),
        (http(b'{"error": "unable to allocate CUDA0 buffer"}', "500 Internal Server Error"), errors.OllamaNoMemory),
    ],
)
def test_what_no_ollama_says_is_an_error_of_ours(says: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        ask(says)


def test_the_page_of_a_proxy_is_not_shown() -> None:
    with pytest.raises(errors.OllamaBroke) as caught:
        ask(http(b"<html><h1>502 Bad Gateway</h1></html>", "502 Bad Gateway"))
    assert "<" not in caught.value.detail


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"])
def test_a_transcript_does_not_follow_a_redirect(status: str) -> None:
    with server(http(row("got it", **LAST))) as (elsewhere, sent_on):
        says = http(b"", status, f"Location: {elsewhere}/api/chat")
        with server(says) as (address, sent), pytest.raises(errors.OllamaBadAnswer, match="another address"):
            asked(address)
        assert b"a secret transcript" in sent[0]
    assert sent_on == []


def test_nor_does_it_go_by_way_of_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    with server(http(b"", "502 Bad Gateway")) as (proxy, seen), server(http(row("hi", **LAST))) as (address, _):
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "HTTPS_PROXY", "https_proxy"):
            monkeypatch.setenv(name, proxy)
        assert asked(address).text == "hi"
    assert seen == []


class Flood:
    """Sends the same piece until nobody listens; `sent` counts the bytes."""

    def __init__(self, piece: bytes) -> None:
        self._piece = piece
        self.sent = 0

    def __call__(self, talk: socket.socket) -> None:
        talk.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        while self.sent < 100 * streaming.LONGEST_LINE:
            talk.sendall(self._piece)
            self.sent += len(self._piece)


def test_a_line_without_end_is_left_off() -> None:
    flood = Flood(b"a" * 100_000)
    with pytest.raises(errors.OllamaBadAnswer):
        ask(flood)
    assert flood.sent < 10 * streaming.LONGEST_LINE


@pytest.mark.parametrize("piece", [row("word " * 2000), thought("hm, " * 2000)])
def test_an_answer_without_end_is_cut_off(piece: bytes) -> None:
    flood = Flood(piece)
    answer = ask(flood)
    assert answer.done_reason == "length"
    assert len(answer.text) < 2 * streaming.LONGEST_ANSWER
    assert flood.sent < 20 * streaming.LONGEST_ANSWER


@pytest.mark.parametrize("status", ["500 Internal Server Error", "401 Unauthorized"])
def test_of_a_refusal_only_the_beginning_is_read(status: str) -> None:
    sent = Flood(b"no " * 30_000)

    def says(talk: socket.socket) -> None:
        talk.sendall(f"HTTP/1.1 {status}\r\nConnection: close\r\n\r\n".encode())
        while sent.sent < 100 * streaming.LONGEST_LINE:
            talk.sendall(b"no " * 30_000)
            sent.sent += 90_000

    with pytest.raises(errors.CastMindError) as caught:
        ask(says)
    assert len(caught.value.detail) < 1000
    assert sent.sent < 10 * streaming.LONGEST_LINE
