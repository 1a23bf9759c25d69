"""The doctor over HTTP: run it, read its findings in a language, fix, take the bundle."""

from __future__ import annotations

import io
import zipfile

import httpx
import pytest

from core.ops.doctor import examinations
from tests.api.conftest import Running, is_problem

TABLE = tuple(each for each in examinations.EXAMINATIONS if each.name in ("secrets", "permissions", "clock"))


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Examine only what starts no worker and asks no other program."""
    kwdefaults = examinations.examine.__kwdefaults__
    monkeypatch.setattr(examinations.examine, "__kwdefaults__", kwdefaults | {"examinations": TABLE})


def examined(api: httpx.Client, services: Running, language: str = "en") -> dict[str, object]:
    assert api.post("/doctor").status_code == 202
    task = services.background.last("doctor")
    assert task is not None
    services.background.wait(task.id)
    return dict(api.get("/doctor", params={"language": language}).json())


def test_before_the_first_run_nothing_is_known(api: httpx.Client) -> None:
    assert api.get("/doctor").json() == {"running": None, "at": None, "status": None, "findings": []}
    assert is_problem(api.get("/doctor", params={"language": "fr"}), 422, "invalid")


def test_findings_are_told_with_remedies_in_a_language(api: httpx.Client, services: Running) -> None:
    (services.data / "secret.key").write_text("key")
    (services.data / "secret.key").chmod(0o644)
    body = examined(api, services)
    assert body["status"] == 1 and body["running"] is None and body["at"]
    rows = {row["code"]: row for row in body["findings"]}  # type: ignore[attr-defined]
    assert rows["secrets.open"]["remedy"] == "Run chmod 600 on it." and rows["secrets.open"]["fix"] == "secret_modes"
    chinese = {row["code"]: row for row in api.get("/doctor", params={"language": "zh"}).json()["findings"]}
    assert "其他用户" in chinese["secrets.open"]["said"]


def test_a_fix_is_told_then_done_once(api: httpx.Client, services: Running) -> None:
    key = services.data / "secret.key"
    key.write_text("key")
    key.chmod(0o644)
    examined(api, services)
    told = {"items": [{"code": "secret_modes", "what": str(key)}]}
    assert api.post("/doctor/fix", json={"fix": "secret_modes", "dry_run": True}).json() == told
    assert key.stat().st_mode & 0o777 == 0o644
    assert api.post("/doctor/fix", json={"fix": "secret_modes"}).json() == told
    assert key.stat().st_mode & 0o777 == 0o600
    assert api.post("/doctor/fix", json={"fix": "secret_modes"}).json() == {"items": []}
    assert is_problem(api.post("/doctor/fix", json={"fix": "everything"}), 422, "invalid")


def test_the_bundle_is_a_zip_that_nobody_keeps(api: httpx.Client, services: Running) -> None:
    answer = api.get("/doctor/bundle")
    assert answer.headers["content-type"] == "application/zip" and answer.headers["cache-control"] == "no-store"
    assert "about.json" in zipfile.ZipFile(io.BytesIO(answer.content)).namelist()
