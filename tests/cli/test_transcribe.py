"""`python -m core transcribe`: words on standard output, progress on standard error."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from core.cli import transcribe
from core.domain.transcripts.transcript import Segment, SpeechEngine, Transcript
from core.settings import PROJECT
from core.store.db.database import Store
from core.store.db.folder_lock import DataFolderLock
from core.store.settings import saved_settings

SAMPLES = PROJECT / "demo" / "samples"


def start(*arguments: str | Path, folder: Path) -> subprocess.Popen[str]:
    environment = os.environ | {"CASTMIND_DATA_DIR": str(folder), "CASTMIND_DEVICE": "cpu"}
    command = [sys.executable, "-m", "core", *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)


def run(*arguments: str | Path, folder: Path) -> tuple[int, str, str]:
    process = start(*arguments, folder=folder)
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err


def alive(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


def test_transcribe_prints_the_words_and_tells_its_progress_apart(tmp_path: Path) -> None:
    code, out, err = run("transcribe", SAMPLES / "en_short.wav", "--model", "demo", folder=tmp_path)
    assert (code, out.splitlines()[0]) == (0, "Henry will write the report by Tuesday.")
    assert "transcribing" in err
    assert not (tmp_path / "castmind.db").exists()


@pytest.mark.parametrize(
    ("form", "first"), [("txt", "Hello."), ("srt", "1\n00:00:0"), ("vtt", "WEBVTT\n\n1\n"), ("json", "{"), ("md", "---\ntitle: ")]
)
def test_every_format_has_the_words(form: str, first: str) -> None:
    heard = Transcript("en", 2.0, (Segment(0, 0.0, 1.0, "Hello."),), SpeechEngine("demo"))
    text = transcribe.rendered(SAMPLES / "en_short.wav", heard, form)
    assert text.startswith(first) and "Hello." in text


@pytest.mark.long
def test_transcribe_takes_the_saved_settings_while_a_server_holds_the_folder(tmp_path: Path) -> None:
    lock = DataFolderLock(tmp_path)
    lock.acquire()
    store = Store(tmp_path / "castmind.db")
    store.open()
    try:
        store.write(lambda db: saved_settings.save(db, "whisper_model", "demo", now=0.0))
        code, out, err = run("transcribe", SAMPLES / "en_short.wav", "--format", "json", folder=tmp_path)
    finally:
        store.close()
        lock.release()
    assert code == 0, err
    assert json.loads(out)["segments"][0]["text"] == "Henry will write the report by Tuesday."


@pytest.mark.long
def test_silence_prints_nothing_and_says_so(tmp_path: Path) -> None:
    code, out, err = run("transcribe", SAMPLES / "silence.wav", "--model", "demo", folder=tmp_path)
    assert (code, out) == (0, "") and "Nobody speaks" in err


@pytest.mark.long
def test_what_is_no_audio_is_refused_without_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "x.mp3").write_text("not audio")
    code, out, err = run("transcribe", tmp_path / "x.mp3", "--model", "demo", folder=tmp_path)
    assert (code, out) == (1, "")
    assert "media_unreadable" in err and "Traceback" not in err


@pytest.mark.long
def test_ctrl_c_ends_the_worker_too(tmp_path: Path) -> None:
    process = start("transcribe", SAMPLES / "en_episode.mp3", "--model", "demo", folder=tmp_path)
    assert process.stderr
    assert process.stderr.readline()
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    assert children
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode == 130
    assert not any(alive(int(child)) for child in children)
