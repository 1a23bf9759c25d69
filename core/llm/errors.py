"""Map failures between CastMind and Ollama to errors that tell the user the next step."""

from __future__ import annotations

import httpx
import ollama
from pydantic import ValidationError

from core import errors


class ContextExceeded(errors.OllamaBadAnswer):
    """The prompt does not fit the context length; nothing was cut. Send less at once."""


def remote_refused(model: str, host: str = "") -> errors.RemoteModel:
    """Return the error for a model that runs on another computer. `host`: where it really runs, if known."""
    place = f" ({host})" if host and host != model else ""
    return errors.RemoteModel(
        f"The language model {model} runs on another computer{place}: the whole transcript would be sent there. Nothing more was "
        "sent. Choose a model that runs here, or agree in the settings to remote language models (ollama_remote_models).",
        model=model,
        host=host,
    )


def broke(said: str = "") -> errors.OllamaBroke:
    """Return the error for a server that ended in the middle of an answer; `said` is the reason that it gave."""
    why = f": {said.rstrip('.')}" if said else ""
    return errors.OllamaBroke(
        f"Ollama stopped in the middle of an answer{why}. Finished parts are kept, and the notes resume automatically. If this "
        "keeps happening, look into Ollama's log.",
        reason=said,
    )


def translated(error: Exception, host: str, model: str, seconds: float) -> errors.CastMindError | None:
    """Return the error to show; None if `error` does not come from Ollama."""
    match error:
        case errors.CastMindError():
            return None
        case ollama.ResponseError():
            return _refusal(error, host, model)
        case httpx.HTTPStatusError():
            return _refusal(ollama.ResponseError(error.response.text, error.response.status_code), host, model)
        case TimeoutError() | httpx.ReadTimeout() | httpx.WriteTimeout() | httpx.PoolTimeout():
            return errors.OllamaTimeout(
                f"Ollama did not finish within {seconds:.0f} s. Finished parts are kept; it will be asked again. "
                "A smaller model, or a longer limit in the settings, may help.",
                seconds=round(seconds),
            )
        case httpx.RemoteProtocolError() | httpx.ReadError():
            return broke()
        case httpx.DecodingError() | RecursionError():
            return _strange(host)
        case ConnectionError() | httpx.TransportError() | httpx.InvalidURL():
            return errors.OllamaUnreachable(
                f"Ollama does not answer at {host}. Nothing is lost: start Ollama, or set its address in the settings; "
                "the notes resume automatically.",
                host=host,
            )
        case ValidationError() | ValueError() | KeyError() | TypeError() | AttributeError():
            return _strange(host)
        case _:
            return None


def _strange(host: str) -> errors.CastMindError:
    return errors.OllamaBadAnswer(
        f"What answers at {host} does not speak as Ollama does. Check its address in the settings.", case="not_ollama", host=host
    )


def _refusal(error: ollama.ResponseError, host: str, model: str) -> errors.CastMindError:
    said = str(error.error)[:300]
    # A proxy's HTML page does not help a user.
    said = "" if said.lstrip().startswith("<") else said
    low = said.lower()
    # 413 is a proxy's limit; within a stream, the reason comes without a status of its own.
    if error.status_code == 413 or _beyond_context(error.status_code, low):
        return ContextExceeded("The text does not fit the language model's context length; it will be sent in smaller parts.")
    if error.status_code == 404 and "model" in low and "not found" in low and model:
        return errors.OllamaModelMissing(
            f"Ollama at {host} does not have the model {model}. Pull it in the settings, or choose another; "
            "the notes resume automatically.",
            model=model,
            host=host,
            case="named",
        )
    if error.status_code in (429, 503):
        return errors.OllamaBusy(f"Ollama at {host} is busy. The notes resume automatically when it is free.", host=host)
    if error.status_code >= 500 and ("memory" in low or "allocat" in low):
        return errors.OllamaNoMemory(
            f"Ollama does not have enough memory for {model or 'the model'}: {said.rstrip('.')}. Finished parts are kept, and "
            "the notes resume when there is room. Close other programs, or choose a smaller model or context length.",
            model=model,
            reason=said,
        )
    if error.status_code >= 500:
        return broke(said)
    if 300 <= error.status_code < 400:
        return errors.OllamaBadAnswer(
            f"What answers at {host} sends on to another address; nothing of the transcript is sent there. Set, in the settings, "
            "the address at which Ollama itself answers.",
            case="sends_on",
            host=host,
        )
    why = f": {said}" if said else ""
    return errors.OllamaBadAnswer(
        f"Ollama at {host} answered with an error ({error.status_code}){why}",
        reason=said,
        case="refused",
        host=host,
        status=error.status_code,
    )


def _beyond_context(status: int, low: str) -> bool:
    if status == 400:
        return "context" in low or "input length" in low
    return status == 500 and "exceed" in low and ("context" in low or "input length" in low)
