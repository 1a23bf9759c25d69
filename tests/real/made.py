"""Recordings without external voices: speech of espeak-ng, of the demo's grammar, and sounds without words.

    sentences with their voices and pauses ─▶ spoken one after the other ─▶ <name>.wav ─┐
    noises, tones, music ──────────────────────────────────────────────▶ none-<name>.wav ┴─▶ manifest.json

They are the same on every run with the same espeak-ng. Synthetic voices say nothing about real ones: these recordings show
that words are neither lost nor made up where voices, speeds, pauses, channels and languages change.
"""

from __future__ import annotations

import json
import random
import wave
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np

from tests.real.recordings import RATE, Piece, Recording
from tests.words import grammar

ENGLISH = (
    "Good evening and welcome to the programme about rivers, bridges and the people who live beside them.",
    "My guest today has spent thirty years repairing old stone bridges in the north of the country.",
    "She says that water is patient, and that a bridge falls because somebody forgot to look at it.",
    "The first thing she does in the morning is to walk along the bank and listen.",
    "When the river is high you can hear the stones moving on the ground below.",
    "Last winter the flood took away a wall that had stood there for two hundred years.",
    "Nobody was hurt, but the village had no road to the hospital for nine days.",
    "They built a new one out of wood, because wood was what they had.",
    "The engineer from the city laughed at it when he saw it for the first time.",
    "Three months later he came back and asked them how they had done it.",
    "I think we often forget how much ordinary people know about the place where they live.",
    "Next week we will talk about lighthouses, and about a woman who painted every one of them.",
)
CHINESE = (
    "大家好，欢迎收听今天的节目，我们来谈一谈城市里的公园。",
    "我小时候住在一个很小的城市，那里只有一个公园。",
    "每天下午，很多老人在那里下棋，孩子们在旁边跑来跑去。",
    "后来公园的旁边修了一条大路，来的人就越来越少了。",
    "去年我回去看了一次，发现大树还在，但是湖水已经没有了。",
    "我的朋友是一位医生，他说安静的地方对身体很好。",
    "所以他每个星期都去公园走路，一边走一边听音乐。",
    "今天的节目就到这里，谢谢大家，我们下个星期再见。",
)
LONGEST_FADE = 0.01

Voice = tuple[str, int, int]  # espeak-ng's name for it, words a minute, pitch
ENGLISH_VOICES: tuple[Voice, ...] = (("en-us", 150, 45), ("en-gb", 165, 55), ("en-us+f3", 180, 60), ("en-gb+m3", 130, 40))
PINYIN = "cmn-latn-pinyin"  # reads characters properly
CHINESE_VOICES: tuple[Voice, ...] = ((PINYIN, 140, 50), (f"{PINYIN}+f2", 160, 60), (f"{PINYIN}+m3", 150, 40))


def build(folder: Path) -> None:
    """Writes the recordings and their manifest."""
    talks = [
        talk("made-en", "en", said(ENGLISH, ENGLISH_VOICES, "en"), pauses=(0.3, 1.5)),
        talk("made-en-close", "en", said(ENGLISH[::-1], ENGLISH_VOICES, "en"), pauses=(0.05, 0.25)),
        talk("made-zh", "zh", said(CHINESE, CHINESE_VOICES, "zh"), pauses=(0.3, 1.5)),
        talk("made-mix", "en+zh", mixed(), pauses=(0.4, 1.2)),
        two_channels(),
        *(of_grammar(language, seed) for language, seed in (("en", 301), ("en", 302))),
    ]
    rng = np.random.default_rng(20)
    for name, make in NOISES.items():
        talks.append((Recording(f"none-made-{name}", Path(f"none-made-{name}.wav"), "", "none", 0.0), make(rng)))
    rows = []
    for recording, sound in talks:
        save(folder / recording.path, sound)
        rows.append(replace(recording, duration=round(len(sound) / RATE, 2)).to_dict())
    (folder / "manifest.json").write_text(json.dumps(rows, ensure_ascii=False, indent=1), encoding="utf-8")


Said = tuple[str, Voice, str]  # a sentence, who says it, its language


def said(sentences: Iterable[str], voices: tuple[Voice, ...], language: str) -> list[Said]:
    """The voices take turns."""
    return [(sentence, voices[n % len(voices)], language) for n, sentence in enumerate(sentences)]


def mixed() -> list[Said]:
    """Blocks of three sentences in one language, then the other."""
    english, chinese = said(ENGLISH, ENGLISH_VOICES[:2], "en"), said(CHINESE, CHINESE_VOICES[:2], "zh")
    return [*english[:3], *chinese[:3], *english[3:6], *chinese[3:6], *english[6:9]]


def talk(name: str, language: str, sentences: list[Said], pauses: tuple[float, float]) -> tuple[Recording, np.ndarray]:
    """Sentences one after the other with room tone between them."""
    chance, rng = random.Random(name), np.random.default_rng(7)
    parts, at, pieces = [room(rng, 0.8)], 0.8, []
    for number, (sentence, voice, spoken) in enumerate(sentences):
        sound = speak(sentence, voice)
        pieces.append(Piece(f"{name}-{number}", round(at, 3), round(at + len(sound) / RATE, 3), sentence, spoken))
        parts += [sound + room(rng, len(sound) / RATE), room(rng, chance.uniform(*pauses))]
        at = sum(map(len, parts)) / RATE
    sound = np.concatenate([*parts, room(rng, 1.0)])
    text = " ".join(p.reference for p in pieces)
    return Recording(name, Path(f"{name}.wav"), text, language, 0.0, tuple(pieces)), sound


def two_channels() -> tuple[Recording, np.ndarray]:
    """Two people with a microphone each, who talk at the same time half of it. The reference is one's words, then the other's."""
    rng = np.random.default_rng(8)
    left = np.concatenate([room(rng, 1.0), *(speak(s, ENGLISH_VOICES[0]) for s in ENGLISH[:3]), room(rng, 1.0)])
    right = np.concatenate([room(rng, 10.0), *(speak(s, ENGLISH_VOICES[1]) for s in ENGLISH[6:9]), room(rng, 1.0)])
    length = max(len(left), len(right))
    sides = [np.concatenate([side, room(rng, (length - len(side)) / RATE)])[:length] for side in (left, right)]
    text = " ".join([*ENGLISH[:3], *ENGLISH[6:9]])
    return Recording("made-two-channels", Path("made-two-channels.wav"), text, "en", 0.0), np.stack(sides, axis=1)


def of_grammar(language: str, seed: int) -> tuple[Recording, np.ndarray]:
    clip = grammar().make_episode(random.Random(seed), language, 45.0)
    pieces = [Piece(f"{seed}-{n}", s["start"], s["end"], s["text"], s["lang"]) for n, s in enumerate(clip.segments)]
    name = f"made-grammar-{language}-{seed}"
    text = " ".join(p.reference for p in pieces)
    return Recording(name, Path(f"{name}.wav"), text, language, 0.0, tuple(pieces)), clip.audio


def speak(sentence: str, voice: Voice) -> np.ndarray:
    sound, _ = grammar().speak(sentence, *voice)
    return np.asarray(sound * (0.06 / float(np.sqrt(np.mean(sound**2)))), dtype=np.float32)


def room(rng: np.random.Generator, seconds: float) -> np.ndarray:
    """Room tone of about -68 dBFS."""
    return (rng.standard_normal(round(max(seconds, 0.0) * RATE)) * 0.0004).astype(np.float32)


def save(path: Path, sound: np.ndarray) -> None:
    """Mono, or a channel a column."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1 if sound.ndim == 1 else sound.shape[1])
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes())


def seconds(length: float) -> np.ndarray:
    return np.arange(round(length * RATE)) / RATE


def coloured(rng: np.random.Generator, slope: float, length: float, level: float) -> np.ndarray:
    """Noise whose power falls with the frequency to the power of `slope`: 0 white, 1 pink, 2 brown."""
    spectrum = np.fft.rfft(rng.standard_normal(round(length * RATE)))
    spectrum *= np.maximum(np.fft.rfftfreq(round(length * RATE), 1 / RATE), 20.0) ** (-slope / 2)
    sound: np.ndarray = np.fft.irfft(spectrum)
    sound *= level / np.sqrt(np.mean(sound**2))
    return sound


def bursts(rng: np.random.Generator, sound: np.ndarray, every: float, long: float) -> np.ndarray:
    """Only `long` seconds of the sound in every `every`, give or take a third, with soft edges."""
    mask, at = np.zeros(len(sound)), 0.3
    edge = round(LONGEST_FADE * RATE)
    while (at + long) * RATE < len(sound):
        mask[round(at * RATE) : round((at + long) * RATE)] = 1.0
        at += every * rng.uniform(0.67, 1.33)
    return sound * np.convolve(mask, np.ones(edge) / edge, mode="same")


def tone(*frequencies: float, length: float = 12.0, level: float = 0.1) -> np.ndarray:
    t = seconds(length)
    return level * sum((np.sin(2 * np.pi * f * t) for f in frequencies), np.zeros(len(t))) / len(frequencies)


def sweep(length: float = 15.0) -> np.ndarray:
    t = seconds(length)
    sound: np.ndarray = 0.1 * np.sin(2 * np.pi * 80 * length / np.log(50) * (50 ** (t / length) - 1))
    return sound


def melody(rng: np.random.Generator, notes: int = 40, length: float = 0.4) -> np.ndarray:
    """Plucked notes of a scale of five."""
    t, scale = seconds(length), 220.0 * 2.0 ** (np.array([0, 2, 4, 7, 9, 12, 14, 16]) / 12)
    return np.concatenate([0.15 * np.exp(-5 * t) * np.sin(2 * np.pi * f * t) for f in rng.choice(scale, notes)])


def siren(length: float = 15.0) -> np.ndarray:
    t = seconds(length)
    sound: np.ndarray = 0.1 * np.sin(2 * np.pi * (700 * t + 60 * np.sin(2 * np.pi * 0.5 * t)))
    return sound


def clicks(rng: np.random.Generator, length: float = 20.0) -> np.ndarray:
    sound = np.zeros(round(length * RATE))
    sound[rng.integers(0, len(sound), 60)] = rng.uniform(-0.8, 0.8, 60)
    return sound


# Sound in which nobody says a word. Some of it has the rhythm of syllables.
NOISES: dict[str, Callable[[np.random.Generator], np.ndarray]] = {
    "white": lambda rng: coloured(rng, 0, 20, 0.03),
    "pink": lambda rng: coloured(rng, 1, 20, 0.05),
    "brown": lambda rng: coloured(rng, 2, 20, 0.08),
    "quiet": lambda rng: coloured(rng, 1, 20, 0.002),
    "syllables": lambda rng: bursts(rng, coloured(rng, 1, 20, 0.1), 0.25, 0.12),
    "breath": lambda rng: bursts(rng, coloured(rng, 0.5, 20, 0.01), 3.5, 1.2),
    "steps": lambda rng: bursts(rng, coloured(rng, 2, 20, 0.15), 0.6, 0.06),
    "tone": lambda rng: tone(440),
    "chord": lambda rng: tone(220, 277, 330, 440),
    "ringing": lambda rng: bursts(rng, tone(440, 480, length=20), 3.0, 1.0),
    "beeps": lambda rng: bursts(rng, tone(1000, length=15), 1.0, 0.15),
    "keys": lambda rng: bursts(rng, tone(770, 1336, length=10), 0.4, 0.1),
    "sweep": lambda rng: sweep(),
    "siren": lambda rng: siren(),
    "melody": melody,
    "clicks": clicks,
}
