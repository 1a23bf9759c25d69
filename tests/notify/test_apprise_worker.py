"""The child process, asked directly; what it may not do, it is seen not to do."""

from __future__ import annotations

import json
import socket
from typing import Any

import pytest

from core.net.addresses import GuardedBackend
from core.net.proxy_guard import ProxyGuard
from core.sandbox import follow, landlock, seccomp


def ask(order: dict[str, Any]) -> tuple[dict[str, Any], str]:
    heard: list[bytes] = []
    with ProxyGuard(GuardedBackend(tuple)) as guard:
        guard.say(json.dumps(order).encode())
        ended = follow("core.notify.apprise_worker", channel=guard.channel.fileno(), heard=heard.append, timeout=60.0)
    return (json.loads(heard[-1]) if heard else {}), ended.said


@pytest.mark.parametrize(
    ("module", "url", "understood"),
    [
        ("ntfy", "ntfy://host.example/topic", True),
        ("email.base", "mailtos://u:p@mail.example/?to=a@b.example", True),
        ("telegram", "tgram://no-token", False),
        ("ntfy", "discord://1/2", False),
    ],
)
def test_it_says_whether_an_address_is_understood(module: str, url: str, understood: bool) -> None:
    answer, _ = ask({"module": module, "url": url, "only_check": True})
    assert answer == ({"ok": True} if understood else {"ok": False, "understood": False})


@pytest.mark.skipif(not (seccomp.available() and landlock.available()), reason="this kernel confines nothing")
def test_it_has_no_socket_and_no_file_of_this_computer(monkeypatch: pytest.MonkeyPatch) -> None:
    # The attachment that the address asks for lies on this computer: nothing of it is read, and nothing listens here.
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        port = server.getsockname()[1]
        answer, _ = ask(
            {"module": "ntfy", "url": f"ntfy://127.0.0.1:{port}/a?attach=file:///etc/passwd", "title": "t", "text": "b"}
        )
        assert answer["ok"] is False and "root:" not in json.dumps(answer)
        with pytest.raises(TimeoutError):
            server.accept()
