"""Services with a form of their own: the fields that a person fills in, and the address that they make.

address_of("ntfy", {"server": "https://ntfy.sh", "topic": "alerts"}) ─▶ ntfys://ntfy.sh/alerts
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import parse_qs, quote, urlsplit

from core.domain import web_address
from core.domain.notify.channel import WEBHOOK
from core.domain.notify.schemes import module_of
from core.errors import BadAddress, NotifyAddressInvalid

Fields = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ServiceField:
    """`secret`: typed unseen. `default`: filled in beforehand."""

    name: str
    required: bool = True
    secret: bool = False
    default: str = ""


@dataclass(frozen=True, slots=True)
class NamedService:
    name: str
    fields: tuple[ServiceField, ...]
    compose: Callable[[Fields], str]


def _part(text: str) -> str:
    return quote(text.strip(), safe="")


def _server(address: str, scheme: str) -> str:
    """Return `scheme://host:port/path/` for a server of one's own, with an s for https."""
    text = address.strip() if "://" in address else f"https://{address.strip()}"
    try:
        web_address.check(text)
        parts = urlsplit(text)
    except (BadAddress, ValueError) as error:
        raise NotifyAddressInvalid("The address of the server is not one of the web.", case="server") from error
    secure = "s" if parts.scheme == "https" else ""
    return f"{scheme}{secure}://{parts.netloc.rpartition('@')[2]}{parts.path.rstrip('/')}/"


def _ntfy(given: Fields) -> str:
    token = given.get("token", "").strip()
    return _server(given["server"], "ntfy") + _part(given["topic"]) + (f"?auth=token&token={_part(token)}" if token else "")


def _mail(given: Fields) -> str:
    user, password, to = given.get("user", ""), given.get("password", ""), given["to"]
    host, _, port = given["server"].strip().partition(":")
    sender = given.get("from", "").strip() or user or to
    # 587 and the like begin in the clear and switch; 465 is encrypted from the start; 25 at home may have neither.
    scheme, mode = ("mailto", "insecure") if port == "25" else ("mailtos", "ssl" if port == "465" else "starttls")
    sign_in = f"{_part(user)}:{_part(password)}@" if user else ""
    tail = "" if scheme == "mailto" else f"&mode={mode}"
    return f"{scheme}://{sign_in}{host}{f':{port}' if port else ''}/?smtp={_part(host)}&from={_part(sender)}&to={_part(to)}{tail}"


def _telegram(given: Fields) -> str:
    return f"tgram://{given['token'].strip()}/{_part(given['chat'])}/"


def _path_behind(address: str, marker: str, count: int) -> str:
    """Return the part of a web address behind `marker`, of `count` names; "" for another address."""
    parts = [part for part in urlsplit(address.strip()).path.partition(marker)[2].split("/") if part]
    return "/".join(parts) if len(parts) == count else ""


def _discord(given: Fields) -> str:
    if not (found := _path_behind(given["address"], "/api/webhooks/", 2)):
        raise NotifyAddressInvalid("This is not the address of a webhook of Discord. Copy it as a whole.", case="discord")
    return f"discord://{found}"


def _slack(given: Fields) -> str:
    if not (found := _path_behind(given["address"], "/services/", 3)):
        raise NotifyAddressInvalid("This is not the address of a webhook of Slack. Copy it as a whole.", case="slack")
    return f"slack://{found}"


def _key_of(text: str, name: str) -> str:
    """Return a key, or the one in an address that was pasted: its parameter `name`, or else its last part."""
    if "://" not in text:
        return text.strip()
    parts = urlsplit(text.strip())
    found = parse_qs(parts.query).get(name)
    return found[0] if found else parts.path.rstrip("/").rpartition("/")[2]


def _dingtalk(given: Fields) -> str:
    secret = given.get("secret", "").strip()
    return f"dingtalk://{f'{_part(secret)}@' if secret else ''}{_part(_key_of(given['key'], 'access_token'))}/"


def _web(given: Fields) -> str:
    try:
        web_address.check(given["address"])
    except BadAddress as error:
        raise NotifyAddressInvalid(error.detail, case="server") from error
    return given["address"].strip()


def _own_server(scheme: str, key: str) -> Callable[[Fields], str]:
    """Return the composer for a server of one's own with one key."""
    return lambda given: _server(given["server"], scheme) + _part(given[key])


def _robot(scheme: str, parameter: str) -> Callable[[Fields], str]:
    """Return the composer for a robot of a group, known by the key in the address that the group's settings show."""
    return lambda given: f"{scheme}://{_part(_key_of(given['key'], parameter))}/"


_TOKEN, _KEY, _SERVER = ServiceField("token", secret=True), ServiceField("key", secret=True), ServiceField("server")
_ADDRESS = ServiceField("address", secret=True)
_NTFY = (ServiceField("server", default="https://ntfy.sh"), ServiceField("topic"), replace(_TOKEN, required=False))
_MAIL = (
    ServiceField("server"),
    ServiceField("user", required=False),
    ServiceField("password", required=False, secret=True),
    ServiceField("from", required=False),
    ServiceField("to"),
)
SERVICES = (
    NamedService("ntfy", _NTFY, _ntfy),
    NamedService("telegram", (_TOKEN, ServiceField("chat")), _telegram),
    NamedService("mail", _MAIL, _mail),
    NamedService("discord", (_ADDRESS,), _discord),
    NamedService("slack", (_ADDRESS,), _slack),
    NamedService("gotify", (_SERVER, _TOKEN), _own_server("gotify", "token")),
    NamedService("home_assistant", (_SERVER, _TOKEN), _own_server("hassio", "token")),
    NamedService("bark", (ServiceField("server", default="https://api.day.app"), _KEY), _own_server("bark", "key")),
    NamedService("wecom", (_KEY,), _robot("wecombot", "key")),
    NamedService("feishu", (_KEY,), _robot("feishu", "token")),
    NamedService("dingtalk", (_KEY, ServiceField("secret", required=False, secret=True)), _dingtalk),
    NamedService(WEBHOOK, (ServiceField("address"),), _web),
    NamedService("other", (_ADDRESS,), lambda given: given["address"].strip()),
)
BY_NAME = {service.name: service for service in SERVICES}


def address_of(service: str, given: Fields) -> str:
    """Return the address that Apprise, or for a webhook the web, knows. Raises NotifyAddressInvalid."""
    if service not in BY_NAME:
        raise NotifyAddressInvalid(f"There is no service {service[:40]!r}.", case="service")
    named = BY_NAME[service]
    missing = [field.name for field in named.fields if field.required and not given.get(field.name, "").strip()]
    if missing:
        raise NotifyAddressInvalid(f"Fill in {', '.join(missing)}.", case="missing", names=", ".join(missing))
    url = named.compose(given)
    if service != WEBHOOK:
        module_of(url)
    return url
