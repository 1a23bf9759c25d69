"""A whole sign-in at a real provider, the npm package oidc-provider, as a browser without scripts goes through it.

npm install --prefix FOLDER oidc-provider
CASTMIND_TEST_OIDC_PROVIDER=FOLDER python -m pytest tests/access/openid/test_real_provider.py
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin

import httpx
import pytest

from core.domain.accounts.actor import Actor
from core.domain.accounts.role import Role
from core.errors import ProviderFailed, SignInFailed
from tests.accounts_fixture import HOME, Household
from tests.fakes.sign_in_provider import CLIENT_ID, CLIENT_SECRET

BACK = "http://localhost:8501/sign-in/provider/back"
FOLDER = os.environ.get("CASTMIND_TEST_OIDC_PROVIDER", "")

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not FOLDER or not shutil.which("node"), reason="CASTMIND_TEST_OIDC_PROVIDER names no folder, or no node"),
]


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    command = ["node", str(Path(__file__).with_name("oidc_provider.mjs")), FOLDER, BACK]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout
        yield next(line.strip() for line in process.stdout if line.startswith("http"))
        process.terminate()


def home(folder: Path, issuer: str, **settings: str) -> Household:
    return Household(
        folder,
        **{
            **{"OPENID_ISSUER": issuer, "OPENID_CLIENT_ID": CLIENT_ID, "OPENID_CLIENT_SECRET": CLIENT_SECRET},
            **{"OPENID_NEW_USERS": "member", **settings},
        },
    )


def consent(address: str, name: str) -> httpx.URL:
    """Fill the provider's forms in as somebody; return the address to which it sends the browser back."""
    with httpx.Client() as browser:
        answer = browser.get(address)
        for _ in range(20):
            if answer.is_redirect:
                target = urljoin(str(answer.url), answer.headers["location"])
                if target.startswith(BACK):
                    return httpx.URL(target)
                answer = browser.get(target)
                continue
            action = re.search(r'<form[^>]*action="([^"]+)"', answer.text)
            assert answer.status_code == 200 and action, answer.text[:500]
            fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="(\w+)"', answer.text))
            answer = browser.post(urljoin(str(answer.url), action[1]), data={**fields, "login": name, "password": "any"})
    raise AssertionError("it leads nowhere")


def sign_in(house: Household, name: str) -> Actor:
    address, sealed = house.provider_sign_in.begin(BACK, "/", None, HOME)
    arrival = house.provider_sign_in.finish(sealed, dict(consent(address, name).params), None, HOME)
    found = house.sessions.who(arrival.token, HOME)
    assert found
    return found


def test_people_come_in_and_stay_who_they_are(tmp_path: Path, issuer: str) -> None:
    house = home(tmp_path, issuer, OPENID_ADMITTED="groups=family")
    house.settle_in()
    ben, carla = sign_in(house, "ben"), sign_in(house, "carla")
    assert ben.role is Role.MEMBER and ben.user_id != carla.user_id
    assert sign_in(house, "ben").user_id == ben.user_id
    assert [row["name"] for row in house.rows("users")] == ["Anna", "ben", "carla"]
    house.close()


def test_who_is_not_admitted_stays_outside(tmp_path: Path, issuer: str) -> None:
    house = home(tmp_path, issuer, OPENID_ADMITTED="groups=staff")
    house.settle_in()
    with pytest.raises(SignInFailed):
        sign_in(house, "ben")
    house.close()


def test_a_code_is_good_once_and_a_wrong_secret_never(tmp_path: Path, issuer: str) -> None:
    house = home(tmp_path, issuer)
    house.settle_in()
    address, sealed = house.provider_sign_in.begin(BACK, "/", None, HOME)
    answer = dict(consent(address, "ben").params)
    house.provider_sign_in.finish(sealed, answer, None, HOME)
    with pytest.raises(ProviderFailed, match="invalid_grant"):
        house.provider_sign_in.finish(sealed, answer, None, HOME)
    house.close()
    (tmp_path / "other").mkdir()
    house = home(tmp_path / "other", issuer, OPENID_CLIENT_SECRET="wrong")
    with pytest.raises(ProviderFailed, match="invalid_client"):
        sign_in(house, "ben")
    house.close()
