from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from core.domain.notify.kinds import KINDS
from core.domain.notify.message import OutgoingMessage
from core.store.notify import deliveries
from tests.api.conftest import Running, is_problem
from tests.fakes.notification_host import NotificationHost


@pytest.fixture
def host() -> Iterator[NotificationHost]:
    with NotificationHost() as running:
        yield running


def add(api: httpx.Client, host: NotificationHost, **more: object) -> dict[str, object]:
    body = {"service": "webhook", "fields": {"address": f"{host.root}/horse-staple"}} | more
    answer = api.post("/notifications/channels", json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, object] = answer.json()
    return found


def test_kinds_and_services_say_what_a_form_needs(api: httpx.Client) -> None:
    found = api.get("/notifications/kinds").json()
    assert [kind["name"] for kind in found["kinds"]] == [kind.name for kind in KINDS]
    ntfy = next(service for service in found["services"] if service["name"] == "ntfy")
    assert [(field["name"], field["secret"]) for field in ntfy["fields"]] == [
        ("server", False),
        ("topic", False),
        ("token", True),
    ]


def test_a_channel_is_added_tried_changed_and_removed(api: httpx.Client, host: NotificationHost) -> None:
    added = add(api, host, name="Home", quiet_from=60)
    channel = added["channel"]
    assert isinstance(channel, dict) and str(added["secret"]).startswith("whsec_")
    assert (channel["name"], channel["quiet_from"], channel["shown"]) == ("Home", 60, f"http://{host.place}/…")
    path = f"/notifications/channels/{channel['id']}"
    assert api.post(f"{path}/test").json()["state"] == "delivered"
    assert api.patch(path, json={"kinds": ["disk.low"], "enabled": False}).json()["kinds"] == ["disk.low"]
    assert api.put(f"{path}/address", json={"fields": {"address": f"{host.root}/other"}}).status_code == 200
    assert api.post(f"{path}/secret").json()["secret"] != added["secret"]
    paths = ("/notifications/channels", "/notifications/deliveries", f"/notifications/deliveries?channel_id={channel['id']}")
    everything = "".join(api.get(each).text for each in paths)
    assert "horse" not in everything and "whsec" not in everything and "sealed" not in everything
    assert api.delete(path).status_code == 204
    assert api.get("/notifications/channels").json() == {"items": []}


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"service": "webhook", "fields": {"address": "file:///etc/passwd"}}, 422, "notify_address"),
        ({"service": "other", "fields": {"address": "syslog://localhost"}}, 422, "notify_address"),
        ({"service": "nothing", "fields": {}}, 422, "notify_address"),
        ({"service": "ntfy", "fields": {"server": "https://ntfy.sh"}}, 422, "notify_address"),
        ({"service": "webhook", "fields": {"address": "http://a.example/"}, "zone": "Nowhere"}, 422, "invalid"),
        ({"service": "webhook", "fields": {"address": "http://a.example/"}, "user_id": 2}, 422, "invalid"),
    ],
)
def test_what_cannot_be_added_is_said(api: httpx.Client, body: dict[str, object], status: int, code: str) -> None:
    assert is_problem(api.post("/notifications/channels", json=body), status, code)
    assert api.get("/notifications/channels").json() == {"items": []}


def test_the_log_has_pages_and_a_second_try(api: httpx.Client, host: NotificationHost, services: Running) -> None:
    channel = add(api, host)["channel"]
    assert isinstance(channel, dict)
    message = OutgoingMessage("msg_1", "disk.low", 1.0, 1, ())
    numbers = [services.store.write(lambda db: deliveries.add(db, channel["id"], message)) for _ in range(3)]
    page = api.get("/notifications/deliveries", params={"limit": 2}).json()["items"]
    assert [each["id"] for each in page] == [numbers[2], numbers[1]]
    rest = api.get("/notifications/deliveries", params={"before": page[-1]["id"]}).json()["items"]
    assert [each["id"] for each in rest] == [numbers[0]]
    assert api.post(f"/notifications/deliveries/{numbers[0]}/retry").json()["state"] == "waiting"
    assert is_problem(api.post("/notifications/deliveries/99/retry"), 404, "not_found")
    assert is_problem(api.post("/notifications/channels/99/test"), 404, "not_found")
