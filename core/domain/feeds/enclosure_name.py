"""Normalise the address of an audio file to one name, however it is wrapped, signed, dated and counted.

    address ─▶ unwrap, layer by layer ───────▶ host and path ─┬─▶ name
                 a counting host's path, an address           │
                 within the path or the query, encoded or not  └─ query without rotating parameters

A name is for comparing, never for fetching. Two files may not share one, so any part that could name a file stays: only
parameters that sign, date, count or address a listener go. Names of counting hosts after the open list of OP3 and the content of
real feeds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

# Hosts that count a download and redirect to the address that follows in their path.
_TRACKERS = re.compile(
    r"^(?:[\w-]+\.)*(?:podtrac\.com|chtbl\.com|chrt\.fm|pdst\.fm|op3\.dev|mgln\.ai|pscrb\.fm|podscribe\.com|claritaspod\.com"
    r"|arttrk\.com|blubrry\.com|byspotify\.com|vpixl\.com|gum\.fm|swap\.fm|pdcn\.co|adbarker\.com|clrtpod\.com|zencastr\.com"
    r"|zen\.ai|veritonicmetrics\.com|podkite\.com|podderapp\.com|glystn\.com|letscast\.fm|bktrks\.co|pdrl\.fm|pdcst\.to"
    r"|ipfspodcasting\.net|cohst\.app|pdcds\.co|up\.audio|pfxes\.com|ausha\.co|podbridge\.co|podsights\.com|chartable\.com)$"
)
_HOST = re.compile(r"^(?=.{4,253}$)(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9])?\.)+(?:[a-z]{2,}|xn--[a-z0-9-]+)(?::\d+)?$")
_MEDIA_ENDING = re.compile(r"\.(?:mp3|m4a|m4b|mp4|m4v|aac|ogg|oga|opus|wav|flac|webm|mov)$", re.IGNORECASE)
_PAGE_ENDING = re.compile(r"\.(?:php|html?|aspx?|cgi|jsp)$")
_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*://", re.IGNORECASE)
# A whole address within a path; proxies write its two slashes as one.
_WITHIN = re.compile(r"(?:^|/)https?:/{1,2}(?=[^/?#\s]+\.)", re.IGNORECASE)
_ENCODED = re.compile(r"%(?:25)*(?:2f|3a)", re.IGNORECASE)
_SESSION = re.compile(r";(?:jsessionid|phpsessid|sid|sessionid)=[^/?;]*", re.IGNORECASE)
_MOST_LAYERS = 12


def _names(*lines: str) -> frozenset[str]:
    return frozenset(name for line in lines for name in line.split())


def _patterns(*lines: str) -> re.Pattern[str]:
    return re.compile(f"^(?:{'|'.join(name for line in lines for name in line.split())})$")


# Parameters that hold a redirector's target.
_TARGETS = _names(
    "url uri u link href target to dest destination redirect redirect_to redirect_url redirect_uri goto src source file media",
    "audio audio_url audiourl enclosure episode_url mp3 podcasturl",
)
# Parameters that count downloads, wherever they stand.
_COUNTING = _patterns(
    r"utm_\w+ mtm_\w+ matomo_\w+ piwik_\w+ pk_\w+ hsa_\w+ _hs\w+ mc_[ce]id mkt_tok [a-z]*clid gclsrc [gw]braid igsh(?:id)?",
    r"srsltid li_fat_id _g[al]\w* referr?er ptm_\w+ aw_?0_\w+.* awcollectionid awepisodeid in_playlist dest-id played_on",
    r"rss_browser client_source gdpr\w* us_privacy ttag tdsdk sbmid csegid lsid",
)
# Parameters that sign, date or number a download, where another part names the file.
_ROTATING = _patterns(
    # stores and content delivery networks
    r"x-(?:amz|goog|oss|cos|ms)-[\w-]+ response-[\w-]+ q-(?:sign|ak|key|header|url)[\w-]* security-token key-pair-id policy",
    r"awsaccesskeyid googleaccessid ossaccesskeyid signature sig sign signed hmac deadline",
    r"expires? expiry expiration exp expire_?(?:at|time|s) valid_?(?:until|to)",
    r"token token_?\w+ \w+_token tok tk rj-tok rj-ttl jwt auth_?key auth auth_?token access_?token hash_redirect",
    r"hdnea hdnts hdntl hdnlt __token__ __gda__ bcdn_\w+ wssecret wstime txsecret txtime vkey upsig uparams nonce __cf\w+",
    # listeners and sessions
    r"session session_?id sessid phpsessid jsessionid ssid listening-?session-?id listener_?id device_?id visitor_?id",
    r"request_?id request_event_id correlation_?id timetoken",
    # cache busters
    r"_ __ cb cbust cache_?bust\w* nocache no_cache bust buster rnd rand random ts time_?stamp updated stitched",
)
# More rotating parameters; without the name of a media file before them they could name it.
_BEHIND_A_FILE = _names(
    "sid uuid aid feed from via origin source medium ref ref_src campaign tracking trk trid client_id clientid dist dl download",
    "size filesize length bytes ad ads cache now refresh verify secure ttl companionads affiliate",
)
# An Azure store signs with names that mean other things elsewhere.
_AZURE = _names("sv st se sr sp sig spr sip ss srt skoid sktid skt ske sks skv rscd rsct rscc sdd")
# After the name of a media file these select a version of it; elsewhere they could name it.
_VERSION = _names("v ver version versionid rev revision blob_id md5 sha1 sha256 etag checksum mtime modified lastmod generation")
_MOMENT = re.compile(r"1\d{9}(?:\d{3})?")
_MOMENTS = _names("t d time date stamp")
# Names that belong to a signature only beside a signing parameter.
_SIGNERS = _names("sig signature sign hmac token expires exp md5 wssecret auth_key")
_SIGNED = _names("st e h hash acl md5 kid key_name stime etime start_time end_time")
# For these generic names of paths, only the query tells files apart.
_GENERIC = _names("stream audio default download listen play player media file index podcast podcasts episode episodes get api")


# One poll asks for each of its addresses several times.
@lru_cache(maxsize=1024)
def normalise_enclosure(url: str) -> str:
    """Return the enclosure without the parts that change from poll to poll: scheme, tracking prefixes, signatures, fragment.

    Not an address to fetch, only a name to compare.
    """
    host, path, kept, _ = _parts(url)
    return f"{host}/{path}" + (f"?{'&'.join(kept)}" if kept else "")


def another_file(before: str, after: str) -> bool:
    """Return whether the second address names other audio than the first: another file, or by its query another version of it.

    The same path at another host, and a file of the same telling name, is a move. Where a path names a media file, an unknown
    parameter does not count: it rotates more often than it means anything.
    """
    host, path, kept, version = _parts(before)
    new_host, new_path, new_kept, new_version = _parts(after)
    if path != new_path:
        same_name = path.rpartition("/")[2] == new_path.rpartition("/")[2]
        return not same_name or _stem(path) in _GENERIC
    if host != new_host:
        return False
    return version != new_version and bool(new_version) if _MEDIA_ENDING.search(path) else kept != new_kept


def _parts(url: str) -> tuple[str, str, list[str], list[str]]:
    """Return (host, path, parameters that name the file, parameters that select a version of it)."""
    host, path, query = _split(url)
    for _ in range(_MOST_LAYERS):
        inner = _inner(host, path, query)
        if inner is None:
            break
        host, path, query = inner
    path = _SESSION.sub("", path)
    # Two spellings of one path are equal; an escaped slash within a name stays distinct.
    if "%" in path:
        path = "%2F".join(unquote(piece) for piece in re.split(r"%2f", path, flags=re.IGNORECASE))
    if not query:
        return host, path, [], []
    given = [(p.partition("=")[0].lower(), p) for p in query.split("&") if p]
    beside = _Beside(frozenset(name for name, _ in given), _names_a_file(path), bool(_MEDIA_ENDING.search(path)))
    rest = [(name, p) for name, p in given if not beside.rotates(name, p.partition("=")[2])]
    if not beside.named and not rest:
        rest = [(name, p) for name, p in given if not _COUNTING.match(name)]
    version = sorted(p for name, p in rest if beside.media and beside.named and name in _VERSION)
    return host, path, sorted(p for _, p in rest if p not in version), version


@dataclass(frozen=True, slots=True)
class _Beside:
    """The context of a parameter: other `parameters`, a path that names one file (`named`) and ends as `media` does."""

    parameters: frozenset[str]
    named: bool
    media: bool

    def rotates(self, name: str, value: str) -> bool:
        if _COUNTING.match(name) or _ROTATING.match(name) or (name in _AZURE and {"sig", "sv"} <= self.parameters):
            return True
        if name in _SIGNED and not self.parameters.isdisjoint(_SIGNERS - {name}):
            return True
        return (
            self.media and self.named and (name in _BEHIND_A_FILE or (name in _MOMENTS and _MOMENT.fullmatch(value) is not None))
        )


def _names_a_file(path: str) -> bool:
    """Return whether the path could be of one file alone, rather than of the program that serves all of them."""
    words = [word for word in re.split(r"[^\w]+|_", re.sub(r"\.\w{1,5}$", "", path.lower())) if word]
    if _PAGE_ENDING.search(path.lower()):
        return False
    return any(c.isdigit() for c in path.rpartition(".")[0] or path) or (
        _stem(path) not in _GENERIC and bool(set(words) - _GENERIC)
    )


def _stem(path: str) -> str:
    return re.sub(r"\.\w{1,5}$", "", path.rstrip("/").rpartition("/")[2].lower())


def _split(url: str) -> tuple[str, str, str]:
    rest = _SCHEME.sub("", url.strip()).partition("#")[0]
    address, _, query = rest.partition("?")
    host, _, path = address.partition("/")
    host = re.sub(r":(?:80|443)$", "", host.rpartition("@")[2].lower()).rstrip(".")
    return host, path, query.replace("&amp;", "&")


def _inner(host: str, path: str, query: str) -> tuple[str, str, str] | None:
    """Return the address that this one wraps, None where it wraps none."""
    if not query and "%" not in path and ":" not in path and not _TRACKERS.match(host):
        return None
    for readable in (path, *_decoded(path)):
        if found := _WITHIN.search(readable):
            return _joined(readable[found.end() :], query)
    if _TRACKERS.match(host):
        for readable in (path, *_decoded(path)):
            segments = readable.split("/")
            inner = next((i for i, s in enumerate(segments[:-1]) if _is_host(s)), None)
            if inner is not None:
                return _joined("/".join(segments[inner:]), query)
    return None if _MEDIA_ENDING.search(path) else _told(query)


def _joined(address: str, query: str) -> tuple[str, str, str]:
    host, path, own = _split(f"//{address.lstrip('/')}".replace("//", "https://", 1))
    return host, path, "&".join(part for part in (own, query) if part)


def _decoded(path: str) -> list[str]:
    """Return the path with its slashes and colons decoded once and twice; nothing where none are encoded."""
    found: list[str] = []
    while _ENCODED.search(path) and len(found) < 3:
        path = unquote(path)
        found.append(path)
    return found


def _told(query: str) -> tuple[str, str, str] | None:
    """Return a redirector's target: the only whole address of a media file in its query."""
    told = []
    for parameter in query.split("&"):
        name, _, value = parameter.partition("=")
        value = unquote(unquote(value))
        if name.lower() in _TARGETS and re.match(r"https?://[^/?#\s]+\.", value, re.IGNORECASE):
            told.append(value)
    if len(told) != 1 or not _MEDIA_ENDING.search(_split(told[0])[1]):
        return None
    return _split(told[0])


def _is_host(segment: str) -> bool:
    lowered = segment.lower()
    return bool(_HOST.match(lowered)) and not _MEDIA_ENDING.search(lowered) and not _PAGE_ENDING.search(lowered)
