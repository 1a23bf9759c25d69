"""Another program, confined."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import BinaryIO

import pytest

from core.sandbox import Ended, run
from tests.running import PROJECT


def as_tool(*command: str, output: BinaryIO | None = None, reads: str = "") -> Ended:
    given = [str(1 << 30), "20", str(1 << 20), reads]
    return run("core.sandbox.tool", *given, *command, timeout=60.0, output=output)


def test_another_program_works_and_is_confined_too(tmp_path: Path) -> None:
    assert (
        as_tool("/bin/cat", str(PROJECT / "LICENSE"), reads=str(PROJECT / "LICENSE")).output == (PROJECT / "LICENSE").read_bytes()
    )
    refused = as_tool("/bin/bash", "-c", f"echo x > {tmp_path / 'new'}")
    assert refused.code != 0 and list(tmp_path.iterdir()) == []
    assert as_tool("/bin/bash", "-c", "/bin/true; echo done").output == b""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        assert as_tool("/bin/bash", "-c", f"exec 3<>/dev/tcp/127.0.0.1/{server.getsockname()[1]}").code != 0
        with pytest.raises(BlockingIOError):
            server.accept()


def test_its_output_goes_to_a_file_and_no_further_than_the_limit(tmp_path: Path) -> None:
    with (tmp_path / "out").open("wb") as file:
        ended = as_tool("/bin/cat", "/dev/zero", output=file)
    assert (ended.output, (tmp_path / "out").stat().st_size) == (b"", 1 << 20)
    assert ended.code != 0
