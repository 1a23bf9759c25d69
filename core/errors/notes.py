"""Notes, and the language model that writes them."""

from __future__ import annotations

from core.errors.tree import OutsideCondition, Permanent, Transient


class OllamaUnreachable(OutsideCondition):
    code = "ollama_unreachable"


class OllamaBusy(OutsideCondition):
    code = "ollama_busy"
    retry_after = 10.0


class OllamaModelMissing(OutsideCondition):
    code = "ollama_model_missing"


class RemoteModel(OutsideCondition):
    """The language model runs on another computer, and nobody has agreed to send transcripts there. It waits for that."""

    code = "ollama_remote_model"
    status = 409
    retry_after = 600.0


class NotAChatModel(OutsideCondition):
    """The model that is named cannot write text. Another one has to be named."""

    code = "ollama_not_a_chat_model"
    status = 409
    retry_after = 600.0


class ContextTooSmall(OutsideCondition):
    """The context length leaves no room for the transcript. A larger one, or another model, has to be chosen."""

    code = "context_too_small"
    status = 409
    retry_after = 600.0


class OllamaNoMemory(OutsideCondition):
    """The language model does not fit into the free memory. The transcript is kept; the notes go on when there is room."""

    code = "ollama_no_memory"
    retry_after = 120.0


class OllamaBroke(OutsideCondition):
    """Ollama ended in the middle of an answer. Finished parts are kept; the notes go on by themselves."""

    code = "ollama_broke"
    retry_after = 60.0


class OllamaBadAnswer(Transient):
    """The language model's answer could not be used."""

    code = "ollama_bad_answer"


class OllamaTimeout(Transient):
    """The language model did not finish in time."""

    code = "ollama_timeout"


class IncompleteCoverage(Transient):
    """Some of the transcript was not read by the language model; the notes were not accepted."""

    code = "incomplete_coverage"


class NotesUnfinished(Permanent):
    """The notes took longer than they may. What was read is kept; a press on "Try again" goes on from there."""

    code = "notes_unfinished"
