"""Addresses that lead into the house, in every spelling that somebody has tried; and forms that are no addresses at all."""

from __future__ import annotations

HOSTS = [
    "127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.1", "017700000001", "0177.0.0.1", "0177.0.0.01",
    "0x7f.0x0.0x0.0x1", "0", "0.0.0.0", "0.0.0.1", "127.127.127.127", "127.0.0.1.", "localhost", "localhost.",
    "LOCALHOST", "ip6-localhost", "10.0.0.1", "10.1", "167772161", "0xa000001", "012.0.0.1", "172.16.5.4",
    "172.31.255.254", "2886729732", "192.168.0.1", "192.168.1.254", "192.168.257", "3232235777", "0xc0a80101",
    "0300.0250.1.1", "169.254.169.254", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "169.254.43518", "[::1]",
    "[::]", "[0:0:0:0:0:0:0:1]", "[0000::0001]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::ffff:10.0.0.1]",
    "[::ffff:192.168.1.1]", "[::ffff:169.254.169.254]", "[::127.0.0.1]", "[::7f00:1]", "[::ffff:0:127.0.0.1]",
    "[64:ff9b::7f00:1]", "[64:ff9b::a9fe:a9fe]", "[64:ff9b::10.0.0.1]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]",
    "[2002:c0a8:101::1]", "[2002:a9fe:a9fe::]", "[2001:0:7f00:1::1]", "[2001:0:1:1:0:0:80ff:fffe]", "[fe80::1]",
    "[fe80::1%25lo]", "[fc00::1]", "[fd00:ec2::254]", "[fd12:3456:789a::1]", "[ff02::1]", "[ff05::2]", "[fec0::1]",
    "[100::1]", "[2001:db8::1]", "224.0.0.1", "239.255.255.250", "255.255.255.255", "100.64.0.1", "100.100.100.200",
    "192.0.0.8", "192.0.0.192", "192.0.2.1", "198.18.0.1", "198.51.100.7", "203.0.113.9", "240.0.0.1", "0.255.255.255",
    "user@127.0.0.1", "user:pw@169.254.169.254", "example.com@127.0.0.1", "example.com%40127.0.0.1",
    "example.com:80@10.0.0.1", "１２７.0.0.1", "127。0。0。1", "①②⑦.⓪.⓪.①", "%31%32%37.0.0.1", "127.0.0.1%00.example.com",
    "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ",
]  # fmt: skip

# A parser that reads one of these otherwise than the one that checks it has been the way in before.
FORMS = (
    "http:127.0.0.1/",
    "http:/127.0.0.1/",
    "http:///127.0.0.1/",
    "http://127.0.0.1\\@example.com/",
    "http://example.com\\@127.0.0.1/",
    "http://example.com#@127.0.0.1/",
    "http://127.0.0.1#@example.com/",
    "http://127.0.0.1?@example.com/",
    "http://127.0.0.1 @example.com/",
    "http://127.0.0.1\t/",
    "http://127.0.0.1\n/",
    "http://127.0.0.1\r\nHost: example.com/",
    " http://127.0.0.1/",
    "http://[::1",
    "http://::1/",
    "http://[127.0.0.1]/",
    "http://127.0.0.1:0/",
    "http://127.0.0.1:99999/",
    "http://127.0.0.1:http/",
    "http://.../",
    "http://%5B::1%5D/",
    "HTTP://127.0.0.1/",
    "feed://127.0.0.1/",
    "file:///etc/passwd",
    "file://127.0.0.1/etc/passwd",
    "ftp://127.0.0.1/",
    "gopher://127.0.0.1:6379/_SET",
    "dict://127.0.0.1:11211/",
    "ldap://127.0.0.1/",
    "jar:http://127.0.0.1!/",
    "data:application/rss+xml,<rss/>",
    "javascript:alert(1)",
    "unix:///var/run/docker.sock",
    "http+unix://%2Fvar%2Frun%2Fdocker.sock/",
    "//127.0.0.1/",
    "\\\\127.0.0.1\\share",
    "",
)
PORTS = ("", ":8501", ":11434")
HOSTILE = tuple(f"http://{host}{port}/" for host in HOSTS for port in PORTS) + FORMS
# One of each kind, for ways in that take longer.
A_FEW = tuple(
    f"http://{host}/"
    for host in (
        "127.0.0.1",
        "0x7f.1",
        "2130706433",
        "[::1]",
        "[::ffff:10.0.0.1]",
        "[64:ff9b::a9fe:a9fe]",
        "[2002:7f00:1::]",
        "169.254.169.254",
        "192.168.1.1",
        "0",
        "localhost",
    )
)
