"""The compose files with a real engine: a container with few rights, an Ollama beside it, a TLS proxy in front of it."""

from __future__ import annotations

import json
import ssl
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import WebSocket, sync_playwright

from tests.browser.conftest import PATIENCE_MS
from tests.chromium import CALM, chromium
from tests.container.compose import ComposeApp, compose
from tests.container.engine import BASE, docker, new_name
from tests.running import PROJECT, free_port, wait_for

pytestmark = pytest.mark.container

SAMPLE = PROJECT / "demo" / "samples" / "en_short.wav"
NAME = "castmind.home"
BIG = 300_000_000
# As the official images are made: Caddy's program carries the capability to open low ports, and wants to be given it.
CADDY = f"""\
FROM {BASE}
RUN apt-get update && apt-get install --yes --no-install-recommends caddy libcap2-bin && \\
    setcap cap_net_bind_service=+ep /usr/bin/caddy
ENV XDG_CONFIG_HOME=/config XDG_DATA_HOME=/data
CMD ["caddy", "run", "--config", "/etc/caddy/Caddyfile", "--adapter", "caddyfile"]
"""
OLLAMA = f"""\
FROM {BASE}
COPY ollama.py /
CMD ["python3", "-c", "import ollama, threading; \\
ollama.FakeOllama(host='0.0.0.0', port=11434).start(); threading.Event().wait()"]
"""


@pytest.fixture(scope="module")
def image_of(engine: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Builds an image of a Dockerfile's text and some files; they go when the tests are done."""
    tags: list[str] = []

    def make(text: str, *files: Path) -> str:
        folder = tmp_path_factory.mktemp("image")
        (folder / "Dockerfile").write_text(text, encoding="utf-8")
        for file in files:
            (folder / file.name).write_bytes(file.read_bytes())
        tags.append(new_name())
        docker("build", f"--tag={tags[-1]}", str(folder), timeout=600.0)
        return tags[-1]

    yield make
    for tag in tags:
        docker("image", "rm", tag, check=False)


def test_the_container_may_do_little_and_is_told_what_stands_in_env(tmp_path: Path, cpu_image: str) -> None:
    with ComposeApp(tmp_path / "castmind", cpu_image, CASTMIND_BACKLOG="7", PUID="4711", PGID="4712", UMASK="077") as app:
        made = json.loads(docker("inspect", app.name).stdout)[0]
        # Compose 1 hands a name without a value on, which the engine does not pass.
        host, environment = made["HostConfig"], dict(pair.split("=", 1) for pair in made["Config"]["Env"] if "=" in pair)
        assert host["ReadonlyRootfs"] and host["Tmpfs"] == {"/tmp": ""}
        assert (host["CapDrop"], sorted(host["CapAdd"])) == (["ALL"], ["CHOWN", "SETGID", "SETUID"])
        assert host["SecurityOpt"] == ["no-new-privileges:true"] and not host["Privileged"]
        assert (host["Memory"], host["PidsLimit"]) == (8 * 1024**3, 512)
        assert host["LogConfig"] == {"Type": "json-file", "Config": {"max-size": "10m", "max-file": "3"}}
        assert host["RestartPolicy"]["Name"] == "unless-stopped"
        assert host["PortBindings"] == {"8501/tcp": [{"HostIp": "127.0.0.1", "HostPort": str(app.port)}]}
        assert any(entry.startswith("host.docker.internal:") for entry in host["ExtraHosts"])
        assert [mount["Destination"] for mount in made["Mounts"]] == ["/app/data"]
        assert environment["CASTMIND_BACKLOG"] == "7" and "CASTMIND_POLL_MINUTES" not in environment

        settings = {row["name"]: row for row in app.client.get("/api/v1/settings").json()["items"]}
        assert settings["backlog"]["value"] == 7 and settings["backlog"]["source"] == "environment"
        assert settings["poll_minutes"]["source"] == "default"
        kept = app.data / "castmind.db"
        assert (kept.stat().st_uid, kept.stat().st_gid, kept.stat().st_mode & 0o077) == (4711, 4712, 0)


@pytest.mark.long
def test_ollama_beside_castmind_writes_the_notes(tmp_path: Path, cpu_image: str, image_of: Any) -> None:
    fake = image_of(OLLAMA, PROJECT / "tests" / "fakes" / "ollama.py")
    own = {"COMPOSE_PROFILES": "ollama", "OLLAMA_HOST": "http://ollama:11434", "OLLAMA_IMAGE": fake}
    with ComposeApp(tmp_path / "castmind", cpu_image, CASTMIND_NOTES_ENGINE="auto", **own) as app:
        episode = app.upload(SAMPLE).json()["id"]
        app.wait_done(episode)
        summary = app.client.get(f"/api/v1/episodes/{episode}/summary").json()
        assert (summary["engine"], summary["model"]) == ("ollama", "qwen2.5:7b")


# --- the proxy --------------------------------------------------------------------------------------


class Proxied(ComposeApp):
    """CastMind behind the proxy, under a name that only this computer's test knows."""

    def __init__(self, folder: Path, image: str, caddy: str) -> None:
        self.https_port = free_port()
        own = {
            "COMPOSE_PROFILES": "proxy",
            "CASTMIND_OPEN_WITHOUT_LOGIN": "anyone",
            "CADDY_IMAGE": caddy,
            "CASTMIND_HTTPS_PORT": str(self.https_port),
        }
        super().__init__(folder, image, CASTMIND_ALLOWED_HOSTS=NAME, **own)
        self.address = f"https://{NAME}:{self.https_port}"

    def authority(self) -> str:
        """The certificate of the authority that the proxy made for itself."""
        show = ("exec", "-T", "proxy", "cat", "/data/caddy/pki/authorities/local/root.crt")

        def shown() -> str:
            done = compose(*show, folder=self.folder, check=False)
            return done.stdout if done.returncode == 0 else ""

        return str(wait_for(shown, why=lambda: compose("logs", "proxy", folder=self.folder).stdout))

    def by_tls(self, method: str, path: str, **options: Any) -> httpx.Response:
        """A request through the proxy; the certificate is checked against the name and the proxy's own authority."""
        with httpx.Client(verify=ssl.create_default_context(cadata=self.authority()), trust_env=False, timeout=300.0) as client:
            return client.request(
                method,
                f"https://127.0.0.1:{self.https_port}{path}",
                headers={"Host": f"{NAME}:{self.https_port}"},
                extensions={"sni_hostname": NAME},
                **options,
            )


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory, cpu_image: str, image_of: Any) -> Iterator[Proxied]:
    with Proxied(tmp_path_factory.mktemp("proxied") / "castmind", cpu_image, image_of(CADDY)) as app:
        yield app


@pytest.mark.long
def test_the_library_opens_over_tls_in_a_browser(proxied: Proxied) -> None:
    assert proxied.by_tls("GET", "/health/live").status_code == 200
    sockets: list[str] = []
    with sync_playwright() as playwright:
        leads_here = f"--host-resolver-rules=MAP {NAME} 127.0.0.1"
        browser = playwright.chromium.launch(executable_path=chromium(), args=[*CALM, leads_here])
        page = browser.new_context(ignore_https_errors=True).new_page()

        def opened(socket: WebSocket) -> None:
            sockets.append(socket.url)

        page.on("websocket", opened)
        page.goto(proxied.address)
        page.get_by_role("button", name="Try the sample").wait_for(timeout=PATIENCE_MS)
        browser.close()
    assert [url for url in sockets if url.startswith(f"wss://{NAME}:{proxied.https_port}/_stcore/stream")]


@pytest.mark.long
def test_an_upload_larger_than_all_of_the_proxy_s_memory_passes(proxied: Proxied, tmp_path: Path) -> None:
    big = tmp_path / "silence.wav"
    with wave.open(str(big), "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", "not compressed"))
        file.writeframes(bytes(BIG))
    with big.open("rb") as body:
        answer = proxied.by_tls("POST", "/api/v1/episodes", files={"file": ("silence.wav", body)})
    assert answer.status_code == 201, answer.text
    assert [path.stat().st_size for path in (proxied.data / "uploads").rglob("*.wav")] == [big.stat().st_size]
    proxied.client.delete(f"/api/v1/episodes/{answer.json()['id']}").raise_for_status()
