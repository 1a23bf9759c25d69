"""An Ollama that tests can trust to misbehave: real HTTP on an ephemeral port.

    with FakeOllama() as server:              an honest one: verbatim quotes, in the transcript's words
        server.behave(truncates="silent")     from now on: see Behaviour
        server.url, server.chats, server.requests["/api/chat"]

Run alone for tests in other processes: `python -m tests.fakes.ollama --port 11434 [--set truncates=silent] …`.
A test may also steer a running one over HTTP: POST /fake/behave with fields of Behaviour; GET /fake/state.

It answers by the given JSON schema, based only on the prompt after any truncation: lines `[n] text` are the transcript,
five digits after the words for "check code" are the code.
"""

from __future__ import annotations

import argparse
import json
import re
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

_LINE = re.compile(r"^\[(\d+)\] (.+)$", re.MULTILINE)
_FENCED = re.compile(r"^----- BEGIN .*?$\n(.*?)^----- END ", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"(?:Check code: |校验码：)(\d{5})")
_TOKEN = re.compile(r"[\u2e80-\u9fff\uff00-\uffef]|[A-Za-z']+|\d|[^\sA-Za-z\d]")
_SENTENCE = re.compile(r"\S[^.。!?！？]*(?:[.。!?！？]+(?=\s|$|[\u2e80-\uffef])|[.](?=\S)[^.。]*)*")
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]+")
_DIGITS = {"one": "two", "two": "three", "three": "four", "five": "nine", "seven": "six", "ten": "twelve", "million": "billion"}
_HANZI_DIGITS = {"一": "二", "二": "三", "三": "四", "五": "九", "六": "七", "十": "百", "百": "千"}


@dataclass(frozen=True)
class Behaviour:
    """The fake's behaviour; the default is honest. Counts give the number of requests (-1: for ever) that a fault lasts.

    truncates    no | silent (drops the front of an overlong prompt, whatever `truncate` says) |
                 half (keeps at most half a context of it) | within (refuses prompts above the requested context
                 length, and drops the front of prompts above `context_cap`)
    counts       all | none (no prompt_eval_count) | remainder (does not count a cached prefix)
    lies         no | invented | numbers | negation | stubborn (repeats the lie when asked again)
    answers      json | broken | cut | blank (endless white space) | empty | wrong_types | missing_field | extra_field |
                 out_of_range | no_code | fenced | long (fills the schema's limits) | endless (one endless statement) |
                 thinking (thoughts and a draft first) | only_thoughts | prose (the object between two sentences)
    cache        one (one slot: the last prompt and its answer) | none | window (only the end of a longer text)
    breaks       no | half (half a stream, then the connection closes) | hang (no answer) | error (an error line in the stream)
    """

    truncates: str = "no"
    counts: str = "all"
    lies: str = "no"
    answers: str = "json"
    cache: str = "one"
    breaks: str = "no"
    garbage: str = ""
    # Answers chats with this status and text, like a server whose runner has died.
    status: int = 0
    says: str = ""
    # Seconds before each chunk of an answer.
    piece_delay: float = 0.0
    faults: int = -1
    busy: int = 0
    context_cap: int = 0
    token_factor: float = 1.0
    delay: float = 0.0
    pull_seconds: float = 0.2
    pull_fails: str = ""
    models: tuple[str, ...] = ("qwen2.5:7b",)
    version: str = "0.13.0"
    # Overrides by model name: fields of its row in /api/tags, of /api/show, and of each row of a chat.
    tags: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    shows: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    chat_rows: Mapping[str, Any] = field(default_factory=dict)
    # The status of /api/show by model name, for instance for a model with damaged files.
    show_fails: Mapping[str, int] = field(default_factory=dict)
    # Fields of each row of /api/ps, and the extra fields of a verbose /api/show.
    ps_rows: Mapping[str, Any] = field(default_factory=dict)
    verbose_facts: Mapping[str, Any] = field(default_factory=dict)
    unload_delay: float = 0.0
    version_delay: float = 0.0


@dataclass
class Chat:
    """A received chat request, and the part of it that was read; `evaluated`: its uncached tokens."""

    body: dict[str, Any]
    prompt: str
    read: str
    status: int = 200
    evaluated: int = 0

    @property
    def kind(self) -> str:
        return kind_of(self.body.get("format"))


def count_tokens(text: str, factor: float = 1.0) -> int:
    """Count tokens plausibly: one per CJK character, digit, sign, or 5 letters of a word."""
    return int(sum((len(t) + 4) // 5 if t[0].isalpha() and t.isascii() else 1 for t in _TOKEN.findall(text)) * factor)


def drop_front(text: str, tokens: int, factor: float = 1.0) -> str:
    """Return the last `tokens` tokens of the text."""
    spans = [m.start() for m in _TOKEN.finditer(text)]
    low, high = 0, len(spans)
    while low < high:
        middle = (low + high) // 2
        if count_tokens(text[spans[middle] :], factor) > tokens:
            low = middle + 1
        else:
            high = middle
    return text[spans[low] :] if low < len(spans) else ""


def take_front(text: str, tokens: int) -> str:
    """Return the first `tokens` tokens of the text."""
    spans = [m.end() for m in _TOKEN.finditer(text)]
    low, high = 0, len(spans)
    while low < high:
        middle = (low + high + 1) // 2
        if count_tokens(text[: spans[middle - 1]]) > tokens:
            high = middle - 1
        else:
            low = middle
    return text[: spans[low - 1]] if low else ""


def kind_of(schema: Any) -> str:
    properties = (schema or {}).get("properties", {})
    for name, kind in (("points", "map"), ("quotes", "quotes"), ("picks", "merge"), ("code", "code")):
        if name in properties:
            return kind
    return "text"


# --- answers ----------------------------------------------------------------------------------------------


def answer(body: dict[str, Any], read: str, how: Behaviour) -> str:
    """Return the model's answer after reading `read`."""
    lines = _LINE.findall(read)
    if not lines and (fenced := _FENCED.search(read)):
        # An excerpt without line numbers.
        lines = [("", line) for line in fenced[1].splitlines()]
    # A line may contain several sentences.
    said = [sentence for _, text in lines for sentence in _SENTENCE.findall(text)]
    kind = kind_of(body.get("format"))
    code = _CODE.search(read)
    form: dict[str, Any]
    if kind == "map":
        form = _notes(said, how)
        form |= {name: form[name][: _most(body, name)] for name in ("points", "chapters", "terms", "actions")}
    elif kind == "quotes":
        form = _quotes(said, read, body, how)
    elif kind == "merge":
        form = _merged(lines, read, body)
    elif kind == "code":
        form = {}
    else:
        return "I have read it."
    form["code"] = code[1] if code and how.answers != "no_code" else "00000"
    if how.garbage:
        tag = re.search(r"BEGIN (N[0-9a-f]{8})", read)
        rubbish = how.garbage.replace("<tag>", tag[1] if tag else "").replace("<code>", code[1] if code else "")
        form |= {name: rubbish for name in ("sentence_1", "sentence_2") if name in form}
        form |= {"points": [p | {"text": rubbish} for p in form["points"]]} if "points" in form else {}
    if how.answers in ("long", "endless"):
        _lengthen(form, body["format"]["properties"], how)
    return _spoilt(form, how)


def _most(body: dict[str, Any], name: str) -> int:
    return int(body["format"]["properties"][name].get("maxItems", 10**6))


def _lengthen(form: dict[str, Any], schema: dict[str, Any], how: Behaviour) -> None:
    """Lengthen statements to the schema's limit; endless ones ignore the schema."""
    for point in form.get("points", []):
        limit = 10**5 if how.answers == "endless" else schema["points"]["items"]["properties"]["text"].get("maxLength", 2000)
        words = " ".join(f"{point['text']} and then number {n}" for n in range(limit // 20))
        point["text"] = words[:limit]


def _is_chinese(texts: Sequence[str]) -> bool:
    joined = "".join(texts)
    return sum("\u2e80" <= c <= "\u9fff" for c in joined) * 3 > len(joined)


def _notes(texts: Sequence[str], how: Behaviour) -> dict[str, Any]:
    chinese = _is_chinese(texts)
    step = max(1, len(texts) // 6)
    chosen = [t for t in texts[::step] if len(t) > 3][:6] or list(texts[:1]) or ["nothing"]
    names = sorted(set(_NAME.findall(" ".join(texts))))[:4]
    actions = [t for t in texts if re.match(r"(Please|请)", t)][:2]
    topic = chosen[0].rstrip("。.")
    return {
        "sentence_1": f"这一部分说到{topic}。" if chinese else f"This part says: {topic}.",
        "sentence_2": f"一共{len(texts)}句。" if chinese else f"It has {len(texts)} lines.",
        "points": [{"text": (f"说到：{t}" if chinese else f"It is said that {t}"), "quote": _lie(t, how)} for t in chosen],
        "chapters": [{"line": 1, "title": topic[:40], "summary": chosen[0]}],
        "terms": [{"text": n, "explanation": "人名" if chinese else "a name"} for n in names],
        "actions": [{"text": t, "quote": _lie(t, how)} for t in actions],
    }


def _lie(text: str, how: Behaviour) -> str:
    """Return the quote for a line: its words, altered by the behaviour."""
    if len(text) > 200:
        text = text[:200].rpartition(" ")[0] or text[:40]
    if how.lies in ("invented", "stubborn"):
        return "the committee secretly agreed to sell the lighthouse" if text.isascii() else "委员会秘密同意卖掉那座灯塔"
    if how.lies == "numbers":
        swapped = re.sub(r"\b(" + "|".join(_DIGITS) + r")\b", lambda m: _DIGITS[m[0]], text)
        return "".join(_HANZI_DIGITS.get(c, c) for c in swapped)
    if how.lies == "negation":
        return re.sub(r"\b(is|are|will|can|do)\b", r"\1 not", text, count=1) if text.isascii() else text.replace("很", "不", 1)
    return text


def _quotes(texts: Sequence[str], read: str, body: dict[str, Any], how: Behaviour) -> dict[str, Any]:
    most = body["format"]["properties"]["quotes"]["maxItems"]
    if how.lies == "stubborn" or not texts:
        return {"quotes": [{"index": i, "quote": _lie("x", how)} for i in range(1, most + 1)]}
    # The honest second answer: the source line of the statement.
    found = []
    for index, claim in re.findall(r"^(\d+)\. (.+)$", read, re.MULTILINE):
        line = next((t for t in texts if t in claim), "")
        found.append({"index": int(index), "quote": line})
    return {"quotes": found[:most]}


def _merged(lines: Sequence[tuple[str, str]], read: str, body: dict[str, Any]) -> dict[str, Any]:
    chinese = _is_chinese([text for _, text in lines])
    parts = len(re.findall(r"^\(\d+\) ", read, re.MULTILINE))
    first, last = (lines[place][1][:80].rstrip("。. ") if lines else "" for place in (0, -1))
    most = body["format"]["properties"]["picks"]["maxItems"]
    return {
        "sentence_1": f"录音有{parts}个部分，先{first[:80]}。"
        if chinese
        else f"The recording has {parts} parts; first: {first[:80]}.",
        "sentence_2": f"最后{last[:80]}。" if chinese else f"At last: {last[:80]}.",
        "picks": [int(number) for number, _ in lines][:most],
    }


def _spoilt(form: dict[str, Any], how: Behaviour) -> str:
    match how.answers:
        case "broken":
            return json.dumps(form, ensure_ascii=False).replace("]", "}", 1).replace(":", "=", 1)
        case "cut":
            return json.dumps(form, ensure_ascii=False)[:-12]
        case "empty":
            return ""
        case "wrong_types":
            form["points" if "points" in form else "code"] = {"not": "a list"}
            form["sentence_1"] = 7
        case "missing_field":
            for name in ("points", "picks", "quotes"):
                form.pop(name, None)
        case "extra_field":
            form |= {"mood": "cheerful", "points": [p | {"page": 3} for p in form["points"]]} if "points" in form else {"mood": 1}
        case "out_of_range":
            if "chapters" in form:
                form["chapters"] = [{"line": 99999, "title": "Elsewhere", "summary": ""}]
            if "picks" in form:
                form["picks"] = [0, 99999]
        case "thinking":
            draft = json.dumps({"sentence_1": "A draft.", "points": [{"text": "draft", "quote": "{"}], "code": "11111"})
            final = json.dumps(form, ensure_ascii=False)
            return f'<think>\nOkay, {{let me see}}: {draft} or {{"sentence_1": "…\nNo.\n</think>\n\n{final}'
        case "only_thoughts":
            return "<think>\nI wonder what to say {about} this. " * 40
        case "prose":
            return "Sure, here it is:\n" + json.dumps(form, indent=2, ensure_ascii=False) + "\nI hope that {this} helps!"
        case "fenced":
            return "```json\n" + json.dumps(form, ensure_ascii=False) + "\n```"
    return json.dumps(form, ensure_ascii=False)


# --- the server ---------------------------------------------------------------------------------------------


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing."""

    @property
    def fake(self) -> FakeOllama:
        return self.server.fake

    def do_GET(self) -> None:
        fake, how = self.fake, self.fake.behaviour
        fake.requests[self.path] += 1
        match self.path:
            case "/":
                self._send(200, b"Ollama is running", "text/plain")
            case "/api/version":
                self._wait(how.version_delay)
                self._json({"version": how.version})
            case "/api/tags":
                self._json({"models": [_listed(m) | dict(how.tags.get(m, {})) for m in fake.models]})
            case "/api/ps":
                self._json({"models": [_listed(m) | {"size_vram": 5_000_000_000} | dict(how.ps_rows) for m in fake.loaded_now()]})
            case "/fake/state":
                kinds = Counter(c.kind for c in fake.chats)
                self._json({"requests": fake.requests, "kinds": kinds, "loaded": fake.loaded_now(), "behaviour": asdict(how)})
            case _:
                self._send(404, b"404 page not found", "text/plain")

    def do_POST(self) -> None:
        fake = self.fake
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
        fake.requests[self.path] += 1
        match self.path:
            case "/fake/behave":
                fake.behave(**body)
                self._json({"ok": True})
            case "/api/show":
                self._show(body)
            case "/api/generate":
                self._generate(body)
            case "/api/pull":
                self._pull(body)
            case "/api/chat":
                self._chat(body)
            case _:
                self._send(404, b"404 page not found", "text/plain")

    def _show(self, body: dict[str, Any]) -> None:
        if status := self.fake.behaviour.show_fails.get(body["model"]):
            self._json({"error": f"model '{body['model']}' not found" if status == 404 else "unexpected EOF"}, status)
            return
        if self._has(body["model"]):
            facts = {"general.architecture": "qwen2", "qwen2.context_length": self.fake.behaviour.context_cap or 32768}
            shown: dict[str, Any] = {
                "model_info": facts,
                "details": _listed("x")["details"],
                "capabilities": ["completion", "tools"],
            }
            shown |= dict(self.fake.behaviour.shows.get(body["model"], {}))
            if body.get("verbose"):
                shown["model_info"] = dict(shown["model_info"]) | dict(self.fake.behaviour.verbose_facts)
            self._json(shown)

    def _generate(self, body: dict[str, Any]) -> None:
        if self._has(body["model"]):
            if body.get("keep_alive") == 0:
                self.fake.unload(body["model"])
            self._json({"model": body["model"], "response": "", "done": True, "done_reason": "unload"})

    def _pull(self, body: dict[str, Any]) -> None:
        how = self.fake.behaviour
        self._start_stream()
        total = 4_000_000
        self._row({"status": "pulling manifest"})
        for step in range(1, 11):
            self._wait(how.pull_seconds / 10)
            if how.pull_fails and step == 5:
                self._row({"error": how.pull_fails})
                self._end_stream()
                return
            self._row({"status": "pulling 8f3c1a", "digest": "sha256:8f3c1a", "total": total, "completed": total * step // 10})
        self.fake.models.append(body["model"])
        self._row({"status": "success"})
        self._end_stream()

    def _chat(self, body: dict[str, Any]) -> None:
        fake = self.fake
        how = fake.take_turn()
        prompt = "\n".join(m["content"] for m in body["messages"])
        chat = Chat(body, prompt, prompt)
        fake.chats.append(chat)
        if how.busy:
            chat.status = 503
            self._json({"error": "server busy, please try again.  maximum pending requests exceeded"}, 503)
            return
        if not self._has(body["model"]):
            chat.status = 404
            return
        if how.status:
            chat.status = how.status
            self._json({"error": how.says}, how.status)
            return
        context = min(body["options"]["num_ctx"], how.context_cap or 10**9)
        total = count_tokens(prompt, how.token_factor)
        asked_for = body["options"]["num_ctx"]
        if total > context:
            if (how.truncates == "no" or (how.truncates == "within" and total > asked_for)) and body.get("truncate") is False:
                chat.status = 400
                self._json({"error": "the input length exceeds the context length"}, 400)
                return
            chat.read = drop_front(prompt, context // 2 if how.truncates == "half" else context - 4, how.token_factor)
        fake.load(body["model"])
        self._wait(how.delay)
        self._say(body, chat, how)

    def _say(self, body: dict[str, Any], chat: Chat, how: Behaviour) -> None:
        if how.breaks == "hang":
            # Until the client disconnects or the server closes.
            self._start_stream()
            self.fake.closing.wait(60)
            return
        blank = how.answers == "blank"
        whole = " \n" * 3000 if blank else answer(body, chat.read, how)
        context = min(body["options"]["num_ctx"], how.context_cap or 10**9)
        room = max(1, min(body["options"]["num_predict"], context - count_tokens(chat.read, how.token_factor)))
        text = whole if count_tokens(whole) <= room else take_front(whole, room)
        last: dict[str, Any] = dict(how.chat_rows) | {
            "done": True,
            "done_reason": "length" if blank or text != whole else "stop",
            "eval_count": count_tokens(text),
        }
        self.fake.evaluate(chat, text, how)
        if (counted := self._counted(chat, how)) is not None:
            last["prompt_eval_count"] = counted
        if not body.get("stream", True):
            self._json({"model": body["model"], "message": {"role": "assistant", "content": text}} | last)
            return
        self._start_stream()
        pieces = [text[i : i + 40] for i in range(0, len(text), 40)]
        for number, piece in enumerate(pieces):
            self._wait(how.piece_delay)
            if number >= len(pieces) // 2 and how.breaks in ("half", "error"):
                if how.breaks == "error":
                    self._row({"error": how.says or "an error was encountered while running the model: CUDA error"})
                    self._end_stream()
                self.close_connection = True
                return
            self._row(
                {"model": body["model"], "message": {"role": "assistant", "content": piece}, "done": False} | dict(how.chat_rows)
            )
        self._row({"model": body["model"], "message": {"role": "assistant", "content": ""}} | last)
        self._end_stream()

    def _counted(self, chat: Chat, how: Behaviour) -> int | None:
        if how.counts == "none":
            return None
        whole = count_tokens(chat.read, how.token_factor)
        if how.counts == "remainder":
            return max(1, whole - count_tokens(self.fake.cached_prefix(chat), how.token_factor))
        return whole

    def _has(self, model: str) -> bool:
        if model in self.fake.models:
            return True
        self._json({"error": f"model '{model}' not found"}, 404)
        return False

    def _wait(self, seconds: float) -> None:
        self.fake.closing.wait(seconds)

    # --- HTTP ---------------------------------------------------------------------------------------------

    def _json(self, value: Any, status: int = 200) -> None:
        self._send(status, json.dumps(value).encode(), "application/json; charset=utf-8")

    def _send(self, status: int, data: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _start_stream(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/x-ndjson")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.flush()

    def _row(self, value: dict[str, Any]) -> None:
        data = json.dumps(value, ensure_ascii=False).encode() + b"\n"
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()

    def _end_stream(self) -> None:
        self.wfile.write(b"0\r\n\r\n")


def _listed(model: str) -> dict[str, Any]:
    return {
        "name": model,
        "model": model,
        "modified_at": "2026-01-01T00:00:00Z",
        "size": 4_700_000_000,
        "digest": "845dbda0ea48",
        "details": {
            "family": "qwen2",
            "families": ["qwen2"],
            "format": "gguf",
            "parameter_size": "7.6B",
            "quantization_level": "Q4_K_M",
        },
    }


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    fake: FakeOllama

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore clients that disconnected."""


@dataclass
class FakeOllama:
    """The server, as a context manager. `port` 0 picks a free one. Set `host` to an address that containers reach."""

    behaviour: Behaviour = field(default_factory=Behaviour)
    port: int = 0
    host: str = "127.0.0.1"
    chats: list[Chat] = field(default_factory=list)
    requests: Counter[str] = field(default_factory=Counter)
    models: list[str] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)
    # Number of loads by model.
    loads: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.models = list(self.behaviour.models)
        self._loaded: dict[str, float | None] = {}
        self._lock = threading.Lock()
        self._slot = ""

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    def kinds(self) -> list[str]:
        return [c.kind for c in self.chats]

    def behave(self, **changes: Any) -> None:
        """Change fields of the behaviour; `models` replaces the installed models."""
        if "models" in changes:
            self.models[:] = changes["models"]
            changes["models"] = tuple(changes["models"])
        self.behaviour = replace(self.behaviour, **changes)

    def take_turn(self) -> Behaviour:
        """Return the behaviour for one request; count down `busy` and `faults`."""
        with self._lock:
            how = self.behaviour
            if how.busy:
                self.behaviour = replace(how, busy=how.busy - 1)
            elif how.faults == 0:
                how = replace(how, truncates="no", lies="no", answers="json", breaks="no", garbage="", status=0)
            elif how.faults > 0:
                self.behaviour = replace(how, faults=how.faults - 1)
            return how

    def evaluate(self, chat: Chat, text: str, how: Behaviour) -> None:
        """Count the prompt's tokens that are not in the cache slot, and fill the slot."""
        with self._lock:
            kept = 0
            if how.cache != "none":
                kept = next((i for i, (a, b) in enumerate(zip(self._slot, chat.read, strict=False)) if a != b), len(self._slot))
            if how.cache == "window" and kept < len(self._slot):
                kept = 0
            chat.evaluated = max(1, count_tokens(chat.read, how.token_factor) - count_tokens(chat.read[:kept], how.token_factor))
            self._slot = chat.read + text

    def load(self, model: str) -> None:
        self.loads[model] += model not in self.loaded_now()
        self._loaded[model] = None

    def unload(self, model: str) -> None:
        if model in self._loaded:
            self._loaded[model] = time.monotonic() + self.behaviour.unload_delay

    def loaded_now(self) -> list[str]:
        return [m for m, gone in self._loaded.items() if gone is None or gone > time.monotonic()]

    def cached_prefix(self, chat: Chat) -> str:
        """Return the longest prefix shared with an earlier prompt."""
        best = 0
        for earlier in self.chats:
            if earlier is not chat:
                same = next((i for i, (a, b) in enumerate(zip(earlier.read, chat.read, strict=False)) if a != b), None)
                best = max(best, min(len(earlier.read), len(chat.read)) if same is None else same)
        return chat.read[:best]

    def start(self) -> Self:
        self._server = _Server((self.host, self.port), _Handler)
        self._server.fake = self
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description="A fake Ollama for tests.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--set", action="append", default=[], metavar="FIELD=VALUE", help="a field of Behaviour; JSON or text")
    options = parser.parse_args()
    server = FakeOllama(port=options.port)
    for pair in options.set:
        name, _, value = pair.partition("=")
        try:
            server.behave(**{name: json.loads(value)})
        except json.JSONDecodeError:
            server.behave(**{name: value})
    with server:
        print(server.url, flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
