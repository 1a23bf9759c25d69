"""What holds for all tests, however they were started."""

from __future__ import annotations

import signal

# A shell without job control has what it starts in the background ignore Ctrl+C, and all that is started by that as well: the
# tests that press it would wait in vain.
signal.signal(signal.SIGINT, signal.default_int_handler)
