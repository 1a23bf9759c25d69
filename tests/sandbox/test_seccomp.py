"""The filter of system calls: permitted calls, and machines without a filter."""

from __future__ import annotations

import logging
import platform
import struct

import pytest

from core.sandbox import parent, seccomp
from tests.sandbox.attempted import attempt


def test_a_kernel_without_filters_is_said_once_and_the_limits_hold(caplog: pytest.LogCaptureFixture) -> None:
    parent._warn.cache_clear()
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            assert attempt("unfiltered").output == b"MemoryError"
    assert sum("without a filter" in r.message for r in caplog.records) == 1
    parent._warn.cache_clear()


def test_an_architecture_without_a_list_is_no_reason_to_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "s390x")
    with pytest.raises(OSError, match="s390x"):
        seccomp.hold(pid=1)


@pytest.mark.parametrize("name", seccomp.ARCHITECTURES)
def test_the_filter_never_jumps_out_of_itself(name: str) -> None:
    """The kernel would refuse such a program; here it is read as the kernel reads it."""
    lines = list(struct.iter_unpack("HBBI", seccomp.program(seccomp.ARCHITECTURES[name], 7)))
    assert len(lines) < 4096
    for at, (_, if_so, if_not, _) in enumerate(lines):
        assert at + 1 + max(if_so, if_not) < len(lines) or lines[at][0] == 0x06
    assert lines[-1][0] == 0x06
