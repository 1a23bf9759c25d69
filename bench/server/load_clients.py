"""Reading clients, in a separate process: `python -m bench.server.load_clients <port> <clients> <seconds> <episodes>`.

Each client sends requests one after the other over a kept-alive connection; kinds of request are drawn at random with the
weights of KINDS. It prints one line of JSON: the seconds of each answer by kind, and the number of errors. Further arguments:
the seconds from one request to the next, and a header.

    python -m bench.server.load_clients <port> <pages> pages

opens that many pages at once, as browsers do: a WebSocket, the request to run the page, its elements until it has run.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import sys
import time
from collections.abc import Callable
from functools import cache
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import connect

from bench.reading.search import Texts
from tests.fixtures.many_episodes import FEEDS, WORDS

# The first episodes are those with a transcript.
SPOKEN = 300
PATIENCE = 60.0


@cache
def _queries() -> list[str]:
    """Draw words from the library's text by frequency; half of the queries have two words."""
    texts = Texts(seed=4)
    rng = random.Random(7)
    return ["+".join(rng.sample(re.findall(r"[a-z]+", texts.english()), rng.choice((1, 2)))) for _ in range(400)]


Ask = Callable[[random.Random, int], str]
KINDS: dict[str, tuple[int, Ask]] = {
    "list": (20, lambda _rng, _n: "/episodes?limit=50"),
    "list, narrowed": (
        10,
        lambda rng, _n: (
            f"/episodes?limit=50&feed_id={rng.randrange(FEEDS) + 1}&sort={rng.choice(('newest', 'longest', 'title'))}"
        ),
    ),
    "list, a word": (5, lambda rng, _n: f"/episodes?limit=20&q={rng.choice(WORDS[:4])}"),
    "episode": (35, lambda rng, n: f"/episodes/{rng.randrange(n) + 1}"),
    "transcript": (10, lambda rng, _n: f"/episodes/{rng.randrange(SPOKEN) + 1}/transcript?words=false"),
    "search": (15, lambda rng, _n: f"/search?q={rng.choice(_queries())}"),
    "jobs": (5, lambda _rng, _n: "/jobs?limit=20"),
}


async def client(
    port: int, seed: int, until: float, episodes: int, took: dict[str, list[float]], *, pause: float = 0.0, header: str = ""
) -> int:
    """Run one client; return its number of error answers. `pause`: seconds from one request to the next, at least."""
    rng = random.Random(seed)
    names, weights = list(KINDS), [share for share, _ in KINDS.values()]
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 24)
    errors = 0
    # Not all in the same moment.
    await asyncio.sleep(pause * rng.random())
    while time.monotonic() < until:
        name = rng.choices(names, weights)[0]
        path = KINDS[name][1](rng, episodes)
        began = time.monotonic()
        said = f"Host: 127.0.0.1:{port}\r\nAccept-Encoding: gzip\r\n{header and header + chr(13) + chr(10)}"
        writer.write(f"GET /api/v1{path} HTTP/1.1\r\n{said}\r\n".encode("latin-1", "ignore"))
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = head.partition("content-length:")[2].partition("\r\n")[0].strip()
        if length:
            await reader.readexactly(int(length))
        else:
            while size := int(await reader.readline(), 16):
                await reader.readexactly(size + 2)
            await reader.readline()
        took[name].append(time.monotonic() - began)
        errors += not head.startswith("http/1.1 200")
        if pause:
            await asyncio.sleep(max(0.0, began + pause * rng.uniform(0.9, 1.1) - time.monotonic()))
    writer.close()
    return errors


async def many(port: int, clients: int, seconds: float, episodes: int, pause: float = 0.0, header: str = "") -> dict[str, Any]:
    took: dict[str, list[float]] = {name: [] for name in KINDS}
    _queries()
    began = time.monotonic()
    running = (client(port, seed, began + seconds, episodes, took, pause=pause, header=header) for seed in range(clients))
    errors = await asyncio.gather(*running)
    return {"took": took, "errors": sum(errors), "seconds": time.monotonic() - began}


async def page(port: int) -> tuple[float, float]:
    """Open a page; return the seconds to its first message and to the end of its run."""
    began = time.monotonic()
    address = f"ws://127.0.0.1:{port}/_stcore/stream"
    async with connect(
        address, subprotocols=["streamlit"], origin=f"http://127.0.0.1:{port}", max_size=None, open_timeout=PATIENCE
    ) as line:  # type: ignore[list-item,arg-type]
        asked = BackMsg()
        asked.rerun_script.query_string = ""
        await line.send(asked.SerializeToString())
        connected = 0.0
        async for block in line:
            message = ForwardMsg()
            message.ParseFromString(block if isinstance(block, bytes) else block.encode())
            connected = connected or time.monotonic() - began
            if message.WhichOneof("type") == "script_finished":
                break
        return connected, time.monotonic() - began


async def pages(port: int, count: int) -> dict[str, Any]:
    times = await asyncio.gather(*(asyncio.wait_for(page(port), PATIENCE) for _ in range(count)))
    return {"connected": [first for first, _ in times], "drawn": [last for _, last in times]}


def main() -> None:
    port, clients = int(sys.argv[1]), int(sys.argv[2])
    if sys.argv[3] == "pages":
        print(json.dumps(asyncio.run(pages(port, clients))))
    else:
        pause, header = (*sys.argv[5:7], "0", "")[:2] if len(sys.argv) > 6 else ("0", "")
        print(json.dumps(asyncio.run(many(port, clients, float(sys.argv[3]), int(sys.argv[4]), float(pause), header))))


if __name__ == "__main__":
    main()
