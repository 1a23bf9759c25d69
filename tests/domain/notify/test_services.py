from __future__ import annotations

import pytest

from core.domain.notify.services import SERVICES, address_of
from core.errors import NotifyAddressInvalid

FORMS = {
    "ntfy": ({"server": "https://ntfy.sh", "topic": "a b", "token": " tk_x "}, "ntfys://ntfy.sh/a%20b?auth=token&token=tk_x"),
    "telegram": ({"token": "1:A", "chat": "-100"}, "tgram://1:A/-100/"),
    "mail": (
        {"server": "mail.home:587", "user": "me@x.org", "password": "p/w", "to": "a@b.c"},
        "mailtos://me%40x.org:p%2Fw@mail.home:587/?smtp=mail.home&from=me%40x.org&to=a%40b.c&mode=starttls",
    ),
    "discord": ({"address": "https://discord.com/api/webhooks/123/abc-D_"}, "discord://123/abc-D_"),
    "slack": ({"address": "https://hooks.slack.com/services/T0/B0/xyz"}, "slack://T0/B0/xyz"),
    "gotify": ({"server": "http://g.home:8080/sub/", "token": "A/C"}, "gotify://g.home:8080/sub/A%2FC"),
    "home_assistant": ({"server": "ha.home", "token": "ey.a"}, "hassios://ha.home/ey.a"),
    "bark": ({"server": "https://api.day.app", "key": "k1"}, "barks://api.day.app/k1"),
    "wecom": ({"key": "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a-x"}, "wecombot://693a-x/"),
    "feishu": ({"key": "https://open.feishu.cn/open-apis/bot/v2/hook/ab-cd"}, "feishu://ab-cd/"),
    "dingtalk": ({"key": "https://oapi.dingtalk.com/robot/send?access_token=ffff", "secret": "SEC1"}, "dingtalk://SEC1@ffff/"),
    "webhook": ({"address": " https://hook.example/in "}, "https://hook.example/in"),
    "other": ({"address": "pover://u@t"}, "pover://u@t"),
}


def test_every_service_has_an_example_here() -> None:
    assert set(FORMS) == {service.name for service in SERVICES}


@pytest.mark.parametrize("service", FORMS)
def test_a_form_makes_an_address(service: str) -> None:
    given, url = FORMS[service]
    assert address_of(service, given) == url


@pytest.mark.parametrize("service", FORMS)
def test_a_form_with_a_gap_is_refused(service: str) -> None:
    given, _ = FORMS[service]
    required = {field.name for each in SERVICES if each.name == service for field in each.fields if field.required}
    for name in required:
        with pytest.raises(NotifyAddressInvalid) as refused:
            address_of(service, given | {name: " "})
        assert refused.value.params["names"] == name


def test_mail_at_home_and_encrypted_from_the_start() -> None:
    assert address_of("mail", {"server": "nas:25", "to": "a@b.c"}) == "mailto://nas:25/?smtp=nas&from=a%40b.c&to=a%40b.c"
    assert address_of("mail", {"server": "m.x:465", "to": "a@b.c", "from": "n@b.c"}).endswith("from=n%40b.c&to=a%40b.c&mode=ssl")


@pytest.mark.parametrize(
    ("service", "given"),
    [
        ("discord", {"address": "https://discord.com/channels/1/2"}),
        ("slack", {"address": "https://hooks.slack.com/services/T0/B0"}),
        ("gotify", {"server": "file:///etc/passwd", "token": "a"}),
        ("gotify", {"server": "http://", "token": "a"}),
        ("webhook", {"address": "ftp://hook.example/"}),
        ("other", {"address": "syslog://"}),
        ("other", {"address": "syslog://localhost"}),
        ("nobody", {}),
    ],
)
def test_what_makes_no_address_is_refused(service: str, given: dict[str, str]) -> None:
    with pytest.raises(NotifyAddressInvalid):
        address_of(service, given)


def test_what_opens_something_is_typed_unseen() -> None:
    seen = {(service.name, field.name) for service in SERVICES for field in service.fields if not field.secret}
    assert {name for _, name in seen} == {"server", "topic", "chat", "user", "from", "to", "address"}
    assert {service for service, name in seen if name == "address"} == {"webhook"}
