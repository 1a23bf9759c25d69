"""The texts that explain the choice of device and model, in one place. Pages translate them under `speech.<code>`.

a problem with the card ─▶ the device ─┐
             the model and the reason ─┴─▶ both
"""

from __future__ import annotations

from core.message import Message

NO_DRIVER = Message("no NVIDIA driver was found", "speech.no_driver")
NO_CARD = Message("there is no card", "speech.no_card")
CPU_WANTED = Message("The CPU is what the settings ask for", "speech.cpu_wanted")
MODEL_WANTED = Message("the model is the one asked for", "speech.model_wanted")
NOT_TRIED = "speech.not_tried"

# --- problems of the card ---------------------------------------------------------------------------


def driver_too_old(function: str) -> Message:
    return Message(f"the NVIDIA driver is too old: it has no {function}", "speech.driver_too_old", function=function)


def driver_says(words: str, function: str, number: int) -> Message:
    english = f"the NVIDIA driver says: {words} ({function}, {number})"
    return Message(english, "speech.driver_says", words=words, function=function, number=number)


def card_fails(words: str) -> Message:
    """Return the library's error from the trial of the card, untranslated."""
    return Message(words, "speech.card_fails", words=words)


def card_crashes(obituary: str) -> Message:
    return Message(f"the worker crashed while it tried the card: {obituary}", "speech.card_crashes", obituary=obituary)


def card_silent(seconds: float) -> Message:
    return Message(f"the card gave no answer within {seconds:.0f} s", "speech.card_silent", seconds=f"{seconds:.0f}")


def card_broke_off(words: str) -> Message:
    return Message(f"the card broke off during the work: {words}", "speech.card_broke_off", words=words)


def card_full(words: str) -> Message:
    return Message(f"the card ran out of memory ({words})", "speech.card_full", words=words)


def model_fails(model: str, problem: str) -> Message:
    return Message(f"{model} does not run on the card ({problem})", "speech.model_fails", model=model, problem=problem)


def not_tried(error: Exception) -> Message:
    """Report that the probe itself failed."""
    return Message(str(error), NOT_TRIED)


# --- the device -------------------------------------------------------------------------------------


def card_works(card: str, compute_type: str) -> Message:
    return Message(f"{card} works with {compute_type}", "speech.card_works", card=card, compute_type=compute_type)


def cpu_instead_of_card(problem: str) -> Message:
    return Message(f"The CPU is used because the card does not work ({problem})", "speech.cpu_instead_of_card", problem=problem)


def cpu_for_want_of_card(problem: str) -> Message:
    return Message(f"The CPU is used: {problem}", "speech.cpu_for_want_of_card", problem=problem)


# --- the model --------------------------------------------------------------------------------------


def card_holds(gigabytes: float, model: str) -> Message:
    return Message(f"{gigabytes:.0f} GB on the card hold {model}", "speech.card_holds", memory=f"{gigabytes:.0f}", model=model)


def card_too_small(gigabytes: float, model: str) -> Message:
    english = f"{gigabytes:.1f} GB on the card are too few for {model}"
    return Message(english, "speech.card_too_small", memory=f"{gigabytes:.1f}", model=model)


def card_small(gigabytes: float) -> Message:
    return Message(f"{gigabytes:.1f} GB on the card are few", "speech.card_small", memory=f"{gigabytes:.1f}")


def cores_keep_up(cores: int, model: str) -> Message:
    return Message(f"{cores} cores keep up with {model}", "speech.cores_keep_up", cores=cores, model=model)


def suits(cores: int, gigabytes: float, model: str) -> Message:
    english = f"{cores} cores and {gigabytes:.0f} GB of memory suit {model}"
    return Message(english, "speech.suits", cores=cores, memory=f"{gigabytes:.0f}", model=model)


def memory_small(gigabytes: float) -> Message:
    return Message(f"{gigabytes:.1f} GB of memory are few", "speech.memory_small", memory=f"{gigabytes:.1f}")


def both(where: str, why: str) -> Message:
    return Message(f"{where}; {why}.", "speech.both", where=where, why=why)


def sentence(reason: str) -> Message:
    return Message(f"{reason}.", "speech.sentence", reason=reason)
