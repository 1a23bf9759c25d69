"""Decode in a child process: `python -m core.speech.audio.decode_worker path`, under limits and without a network.

    open the file ─▶ HEAD {duration, channels}      stdin: {start, exact, stereo} ─▶ SAMPLES, SAMPLES, … ─▶ END {} or {error}

A message is its kind (one byte), its length (four, little-endian) and its bytes; samples are float32 at 16 kHz, two channels
interleaved.
"""

from __future__ import annotations

import json
import struct
import sys
from pathlib import Path

import av.logging

from core.errors import CastMindError, MediaUnreadable
from core.sandbox.child import enter
from core.speech.audio.decode import AudioStream

HEAD, SAMPLES, END = b"h", b"s", b"e"
MESSAGE = struct.Struct("<cI")
MEMORY_LIMIT = 3 << 30
# A day of audio takes minutes.
CPU_SECONDS = 3600


def say(kind: bytes, content: bytes) -> None:
    sys.stdout.buffer.write(MESSAGE.pack(kind, len(content)) + content)
    sys.stdout.buffer.flush()


def decode(path: Path) -> None:
    """Send the file's head, then its samples. Raises MediaMissing, MediaUnreadable."""
    audio = AudioStream(path)
    say(HEAD, json.dumps({"duration": audio.duration, "channels": audio.channels}).encode())
    asked = sys.stdin.readline()
    if asked:
        wish = json.loads(asked)
        for block in audio.blocks(wish["start"], exact=wish["exact"], stereo=wish["stereo"]):
            say(SAMPLES, block.tobytes())


def main() -> None:
    # The parent worker already runs at a low priority.
    path = Path(sys.argv[1])
    enter(memory=MEMORY_LIMIT, cpu_seconds=CPU_SECONDS, nice=0, reads=[path])
    av.logging.set_level(av.logging.ERROR)
    try:
        decode(path)
    except CastMindError as error:
        say(END, json.dumps({"error": error.to_dict()}).encode())
    except MemoryError:
        greedy = MediaUnreadable(f"{path.name} asks for more memory than any recording needs, so it was not decoded.")
        say(END, json.dumps({"error": greedy.to_dict()}).encode())
    else:
        say(END, b"{}")


if __name__ == "__main__":
    main()
