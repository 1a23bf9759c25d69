"""The allow-list, compared with the installed Apprise in a process of its own, as the server never loads it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from core.domain.notify.schemes import LONGEST, SCHEMES, module_of
from core.errors import NotifyAddressInvalid

ACTS_HERE = (
    "dbus", "kde", "qt", "glib", "gio", "gnome", "macosx", "windows", "syslog", "rsyslog", "blink1", "growl", "mqtt", "mqtts",
    "irc", "ircs", "xmpp", "xmpps", "smpp", "smpps", "aprs", "amqp", "amqps", "deltachat", "file", "exec", "http",
    "https", "memory",
)  # fmt: skip

ASK = """
import importlib, json, sys
import apprise
found = {}
for scheme, module in json.loads(sys.argv[1]).items():
    for plugged in vars(importlib.import_module(f"apprise.plugins.{module}")).values():
        if isinstance(plugged, type) and issubclass(plugged, apprise.NotifyBase):
            named = [plugged.protocol, plugged.secure_protocol]
            if scheme in {each for one in named if one for each in ([one] if isinstance(one, str) else one)}:
                found[scheme] = bool(plugged.enabled)
print(json.dumps(found))
"""


def test_each_module_speaks_its_schemes() -> None:
    done = subprocess.run(
        [sys.executable, "-c", ASK, json.dumps(SCHEMES)], capture_output=True, text=True, check=True, timeout=120
    )
    assert json.loads(done.stdout) == dict.fromkeys(SCHEMES, True)


@pytest.mark.parametrize("scheme", ACTS_HERE)
def test_what_acts_on_this_computer_is_refused(scheme: str) -> None:
    with pytest.raises(NotifyAddressInvalid) as refused:
        module_of(f"{scheme}://host/path")
    assert refused.value.params == {"case": "scheme", "scheme": scheme}


@pytest.mark.parametrize("url", ["", "ntfy", "ntfy://", "ntfy://a b", "/etc/passwd", "ntfy://a\nb", f"ntfy://{'a' * LONGEST}"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(NotifyAddressInvalid):
        module_of(url)


def test_case_does_not_matter() -> None:
    assert module_of(" NTFYS://ntfy.sh/a ") == "ntfy"
