"""The address that begins a sign-in at a provider, and the form that ends it."""

from __future__ import annotations

import base64
import hashlib
from urllib.parse import parse_qs, urlsplit

from core.access.openid.endpoints import Endpoints
from core.access.openid.round_trip import RoundTrip

BACK = "https://nas.home/sign-in/provider/back"
KNOWN = Endpoints(
    "https://a", "https://a/authorize?tenant=home", "https://a/token", "https://a/keys", "", "none", names_itself=True
)


def test_the_address_says_who_asks_and_binds_the_answer() -> None:
    trip = RoundTrip(BACK)
    address = trip.address(KNOWN, "castmind")
    query = {name: value for name, (value,) in parse_qs(urlsplit(address).query).items()}
    challenge = base64.urlsafe_b64encode(hashlib.sha256(trip.verifier.encode()).digest()).decode().rstrip("=")
    assert address.startswith("https://a/authorize?")
    assert query == {
        **{"tenant": "home", "response_type": "code", "client_id": "castmind", "redirect_uri": BACK},
        **{"scope": "openid profile email", "state": trip.state, "nonce": trip.nonce},
        **{"code_challenge": challenge, "code_challenge_method": "S256"},
    }
    assert trip.verifier not in address


def test_no_two_round_trips_share_a_secret() -> None:
    trips = [RoundTrip(BACK) for _ in range(20)]
    assert len({secret for trip in trips for secret in (trip.state, trip.nonce, trip.verifier)}) == 60
    assert all(len(trip.state) >= 43 for trip in trips)


def test_the_exchange_proves_that_this_server_began() -> None:
    trip = RoundTrip(BACK)
    form = {name: value for name, (value,) in parse_qs(trip.exchange("a code&x=1")).items()}
    assert form == {
        **{"grant_type": "authorization_code", "redirect_uri": BACK, "code": "a code&x=1", "code_verifier": trip.verifier},
    }
