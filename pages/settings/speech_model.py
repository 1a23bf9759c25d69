"""The picker of the speech model: its size, its quality, and what an hour of audio takes on this computer.

SpeechModels.offered ─▶ options ─▶ model_picker ─▶ the setting `whisper_model`
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from core import app
from pages.settings import model_picker
from pages.settings.model_picker import Json
from pages.shared import formats
from pages.text import t
from pages.visitor import me

if TYPE_CHECKING:
    from core.services.settings.speech_models import OfferedModel, SpeechModelOffer

NAME = "whisper_model"
AUTO = "auto"
HOUR = 3600.0
QUALITIES = ("basic", "fair", "good", "very_good", "best")
# Few people want them: they stand behind "More models".
SECOND_RANK = {"tiny", "large-v3"}


def draw(value: str, save: Callable[[str], object], *, locked: bool) -> None:
    offer = app.current().speech_models.offered(me())
    model_picker.draw(
        f"picker.{NAME}",
        t(f"setting.{NAME}"),
        options(offer, value),
        chosen=value,
        other=t("picker.speech_example"),
        locked=locked,
        on_choice=save,
    )


def options(offer: SpeechModelOffer, value: str) -> list[Json]:
    """Return the options: automatic, those of the offer, and `value` if it is the bundled model."""
    note = t("picker.auto_chooses", model=offer.automatic) if offer.automatic else t("picker.auto_looks")
    rows = [model_picker.option(AUTO, t("option.auto"), note=note)]
    rows += [_option(model, recommended=model.name == offer.automatic) for model in offer.models]
    if value == "demo":
        rows.append(model_picker.option("demo", "demo", note=t("picker.demo")))
    return rows


def _option(model: OfferedModel, *, recommended: bool) -> Json:
    facts = [t(f"picker.quality.{model.quality}")] if model.quality else []
    if model.english_only:
        facts.append(t("picker.english_only"))
    if model.size and not model.present:
        facts.append(t("picker.download_size", size=formats.size(model.size)))
    if model.factor is not None:
        time = formats.span(max(model.factor * HOUR, 1.0))
        facts.append(t("picker.time_measured" if model.measured else "picker.time_expected", time=time))
    marks = [t("picker.suits")] if recommended else []
    if model.present:
        marks.append(t("picker.present"))
    folded = not model.present and not recommended and (model.english_only or model.name in SECOND_RANK)
    quality = QUALITIES.index(model.quality) + 1 if model.quality else 0
    return model_picker.option(model.name, model.name, facts=facts, marks=marks, quality=quality, folded=folded)
