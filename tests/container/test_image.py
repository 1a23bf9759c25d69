"""The images' content: the complete and compiled app, audio tools, no build tools; sizes within limits."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from core.app import VERSION
from scripts import image_sizes
from tests.container.engine import BASE, HARDENED, RunningContainer, build, docker, inside, new_name
from tests.running import PROJECT, wait_for
from tests.words import error_rate, words_of

pytestmark = pytest.mark.container

# Run inside: import every package, then every module of the app. A module without a valid compiled file would be compiled
# at every start, because the root is read-only.
IMPORT_ALL = """
import importlib, importlib.metadata, importlib.util, json, os, pkgutil, struct, sys
import core, pages.shared
broken, stale = {}, []
names = [n for n in importlib.metadata.packages_distributions() if n.isidentifier()]
for package in (core, pages.shared):
    names += [m.name for m in pkgutil.walk_packages(package.__path__, package.__name__ + ".")]
# Those that are programs, and one of them needs an extra.
for name in sorted(set(names) - {"core.__main__", "core.speech.worker.__main__", "core.sources.media.web_page_worker"}):
    try:
        importlib.import_module(name)
    except Exception as error:
        broken[name] = f"{type(error).__name__}: {error}"
for name, module in sorted(sys.modules.items()):
    source, cached = getattr(module, "__file__", None), getattr(module, "__cached__", None)
    if not source or not source.endswith(".py") or not cached:
        continue
    try:
        with open(cached, "rb") as file:
            magic, flags, time, size = struct.unpack("<4sIII", file.read(16))
    except FileNotFoundError:
        stale.append(name)
        continue
    status = os.stat(source)
    if magic != importlib.util.MAGIC_NUMBER or (flags == 0 and (time, size) != (int(status.st_mtime), status.st_size)):
        stale.append(name)
print(json.dumps({"broken": broken, "stale": stale, "modules": len(sys.modules)}))
"""

PYDUB = """
from pydub import AudioSegment
spoken = AudioSegment.from_file("/app/demo/samples/en_meeting.m4a")[1000:4000]
spoken.export("/tmp/clip.mp3", format="mp3")
spoken.export("/tmp/clip.ogg", format="ogg")
print([len(AudioSegment.from_file(f"/tmp/clip.{form}")) for form in ("mp3", "ogg")])
"""

PDF_OF_CHINESE = """
from core.export.layout.fonts import Typesetter
setter = Typesetter()
print(*{font for font, _ in setter.set("播客与录音 CastMind")})
setter.check()
"""

DISTRIBUTIONS = "import importlib.metadata as m; print(*(d.name.lower() for d in m.distributions()))"

CUBLAS = """
from core.speech.worker import loading
loading._preload_cublas()
print([line.split()[-1] for line in open("/proc/self/maps") if "libcublas" in line])
"""


def labels(image: str) -> dict[str, str]:
    found: dict[str, str] = json.loads(docker("inspect", "--format={{json .Config.Labels}}", image).stdout)
    return {name.removeprefix("org.opencontainers.image."): value for name, value in found.items()}


def environment(image: str) -> list[str]:
    found: list[str] = json.loads(docker("inspect", "--format={{json .Config.Env}}", image).stdout)
    return found


# --- the app ----------------------------------------------------------------------------------------


def test_a_hardened_container_gets_healthy_and_answers_under_this_computers_name(cpu_image: str, data: Path) -> None:
    with RunningContainer(cpu_image, data) as app:
        wait_for(lambda: app.inspect("{{.State.Health.Status}}") == "healthy", why=app.last_words)
        assert app.client.get("/health").json()["version"] == VERSION
        assert app.client.get("/health/live", headers={"Host": "attacker.example"}).status_code == 403


def test_a_container_whose_server_does_not_answer_is_unhealthy(cpu_image: str) -> None:
    name = new_name()
    quick = ("--health-interval=1s", "--health-retries=1", "--health-start-period=1ms")
    docker("run", "--detach", f"--name={name}", *HARDENED, *quick, cpu_image, "sleep", "60")
    try:
        wait_for(lambda: docker("inspect", "--format={{.State.Health.Status}}", name).stdout.strip() == "unhealthy")
    finally:
        docker("rm", "--force", name)


def test_every_module_is_whole_and_compiled(cpu_image: str) -> None:
    found = json.loads(inside(cpu_image, "python", "-c", IMPORT_ALL).stdout.splitlines()[-1])
    assert found["broken"] == {}
    assert found["stale"] == []
    assert found["modules"] > 1000


def test_the_bundled_model_transcribes_the_sample(cpu_image: str) -> None:
    heard = inside(cpu_image, "castmind", "transcribe", "demo/samples/en_short.wav", "--model", "demo").stdout
    wrong, total = error_rate(words_of(PROJECT / "demo" / "samples" / "en_short.wav"), heard)
    assert wrong == 0 < total


# --- audio tools ------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["wav", "mp3", "m4a", "ogg", "opus", "flac", "webm"])
def test_ffmpeg_converts_what_podcasts_use(cpu_image: str, form: str) -> None:
    convert = f"ffmpeg -v error -i demo/samples/en_episode.mp3 -t 10 /tmp/a.{form}"
    probe = f"ffprobe -v error -show_entries format=duration -of csv=p=0 /tmp/a.{form}"
    seconds = float(inside(cpu_image, "bash", "-c", f"{convert} && {probe}").stdout)
    assert abs(seconds - 10) < 0.2


def test_ffmpeg_reaches_files_and_pipes_only(cpu_image: str) -> None:
    said = inside(cpu_image, "ffmpeg", "-v", "error", "-protocols").stdout.splitlines()
    assert {line.strip() for line in said if line.startswith(" ")} == {"file", "pipe"}


def test_pydub_reads_and_writes_compressed_audio(cpu_image: str) -> None:
    lengths = json.loads(inside(cpu_image, "python", "-c", PYDUB).stdout)
    assert all(abs(length - 3000) < 100 for length in lengths)


def test_a_pdf_of_chinese_text_has_its_font(cpu_image: str) -> None:
    assert inside(cpu_image, "python", "-c", PDF_OF_CHINESE).stdout.strip()


def test_licences_and_the_source_of_ffmpeg_are_named(cpu_image: str) -> None:
    said = inside(cpu_image, "bash", "-c", "cat /usr/local/share/doc/ffmpeg/* /app/LICENSE").stdout
    assert "GNU LESSER GENERAL PUBLIC LICENSE" in said
    assert "source package ffmpeg " in said


# --- labels and excluded files ------------------------------------------------------------------------


def test_labels_say_version_revision_and_source(cpu_image: str) -> None:
    found = labels(cpu_image)
    assert (found["version"], found["revision"], found["source"]) == (VERSION, "tested", "https://example.org/castmind")


def test_no_build_tool_and_no_cache_is_left(cpu_image: str) -> None:
    programs = "gcc cc g++ make nasm pip pip3 uv git curl"
    look = f"for p in {programs}; do command -v $p; done; ls -d /root/.cache /opt/pip /build /var/lib/apt/lists/*_Packages; true"
    said = inside(cpu_image, "bash", "-c", look)
    assert said.stdout == ""
    packages = set(inside(cpu_image, "python", "-c", DISTRIBUTIONS).stdout.split())
    assert "faster-whisper" in packages
    assert not packages & {"pip", "torch", "nvidia-cudnn-cu12", "nvidia-cublas-cu12"}


def test_time_zones_are_there(cpu_image: str) -> None:
    assert inside(cpu_image, "date", "+%Z", options=("--env=TZ=Asia/Shanghai",)).stdout.strip() == "CST"


def test_address_port_and_folder_are_the_images_own(cpu_image: str) -> None:
    fixed = {"CASTMIND_HOST=0.0.0.0", "CASTMIND_PORT=8501", "CASTMIND_DATA_DIR=/app/data", "CASTMIND_CONTAINER=1"}
    assert fixed <= set(environment(cpu_image))
    assert not any(each.startswith("NVIDIA_") for each in environment(cpu_image))


@pytest.mark.long
def test_cuda_brings_cublas_and_asks_for_the_driver(cuda_image: str) -> None:
    assert {"NVIDIA_VISIBLE_DEVICES=all", "NVIDIA_DRIVER_CAPABILITIES=compute,utility"} <= set(environment(cuda_image))
    loaded = inside(cuda_image, "python", "-c", CUBLAS).stdout
    assert "/opt/cublas/nvidia/cublas/lib/libcublas.so.12" in loaded
    assert "/opt/cublas/nvidia/cublas/lib/libcublasLt.so.12" in loaded


@pytest.mark.long
def test_cuda_without_a_card_runs_on_the_cpu_and_says_so(cuda_image: str, data: Path) -> None:
    with RunningContainer(cuda_image, data, "--env=CASTMIND_WHISPER_MODEL=demo") as app:

        def speech() -> dict[str, Any] | None:
            found: dict[str, Any] = app.client.get("/health").json()["checks"]["speech"]
            return None if found["code"] == "probing" else found

        assert "demo on cpu" in wait_for(speech, why=app.last_words)["output"]


@pytest.mark.long
def test_a_base_without_python_gets_the_distributions_own(engine: None, data: Path) -> None:
    image = build("cpu", "castmind-test:plain", base="castmind-test-base:plain")
    with RunningContainer(image, data) as app:
        assert app.client.get("/health").json()["version"] == VERSION


@pytest.mark.long
def test_the_extra_is_there_where_it_was_asked_for(cpu_image: str) -> None:
    image = build("cpu", "castmind-test:ytdlp", "--build-arg=WITH_YTDLP=1")
    inside(image, "python", "-c", "import core.sources.media.web_page_worker")
    pinned = re.search(r"^yt-dlp==(\S+)", (PROJECT / "requirements-ytdlp.txt").read_text(encoding="utf-8"), re.MULTILINE)
    assert pinned
    assert f"yt-dlp version {pinned[1]}" in inside(image, "castmind", "doctor", check=False).stdout
    assert "isn’t installed: feeds and files work" in inside(cpu_image, "castmind", "doctor", check=False).stdout


@pytest.mark.long
@pytest.mark.parametrize("target", ["cpu", "cuda"])
def test_images_are_as_small_as_the_benchmarks_say(target: str, request: pytest.FixtureRequest) -> None:
    size = image_sizes.measure(request.getfixturevalue(f"{target}_image"), BASE)
    record = image_sizes.recorded(image_sizes.RECORD.read_text(encoding="utf-8"))
    assert image_sizes.complaints(target, size, record.get(target)) == []


@pytest.mark.long
@pytest.mark.parametrize("python", ["3.11", "3.13"])
def test_every_pinned_package_has_a_wheel_for_arm64(python: str, tmp_path: Path) -> None:
    """Dry run: nothing is installed, but each pinned version needs a wheel for that platform."""
    found = subprocess.run(
        [
            *(PROJECT / ".venv" / "bin" / "uv", "pip", "install", "--dry-run", "--require-hashes", "--only-binary=:all:"),
            *("--python-platform=aarch64-unknown-linux-gnu", f"--python-version={python}"),
            *(f"--target={tmp_path}", "--requirement=requirements.txt"),
        ],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stderr
    assert "ctranslate2" in found.stderr
