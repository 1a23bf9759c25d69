"""One table of settings: name, type, default, help; and where each value came from.

Later wins: default, config/base.toml, config/<CASTMIND_ENV>.toml, config/docker.toml in a container, config/local.toml,
values saved in the settings page, CASTMIND_<NAME> in the environment (CASTMIND_<NAME>_FILE reads it from a file).
A setting goes into the `Settings` class below; docs/settings.md and the pages follow from it, and a test compares them.
"""

from __future__ import annotations

import ipaddress
import logging
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from core.errors import StartError, UserError

log = logging.getLogger(__name__)

PROJECT = Path(__file__).resolve().parent.parent
PREFIX = "CASTMIND_"
VERSION = "0.1.0"
# Larger values mean nothing for any setting, and results computed with them must stay finite.
LARGEST = 1_000_000_000
# Of a file that CASTMIND_<NAME>_FILE names: a device without an end is one too.
SECRET_BYTES = 65_536
# Tokens: below, the questions leave no room for the transcript; no model in use reads more than the upper one.
LEAST_CONTEXT, MOST_CONTEXT = 2048, 1 << 20
# A name or a number, with the device of an IPv6 address.
HOST_NAME = re.compile(r"[\w.:-]{1,253}(?:%\w{1,15})?")
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
# The name of a logger: a module, or a package with all below it.
LOG_MODULE = re.compile(r"[A-Za-z_]\w{0,60}(?:\.\w{1,60}){0,8}")
# Names that other programs already use keep theirs.
FOREIGN_NAMES = {"ollama_host": "OLLAMA_HOST", "hf_endpoint": "HF_ENDPOINT"}


def _setting(default: Any, help: str, *, group: str, restart: bool = False, secret: bool = False, **limits: float) -> Any:
    """`secret`: only environment and files set it, and nothing shows it."""
    extra = {"group": group, "restart": restart, "secret": secret}
    return Field(default=default, description=help, json_schema_extra=extra, repr=not secret, **limits)  # type: ignore[call-overload]


class Settings(BaseSettings):
    """Every setting. Immutable: a change makes a new one."""

    # Errors leave their input out: it may be a secret.
    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", validate_default=True, allow_inf_nan=False, hide_input_in_errors=True
    )

    # server
    env: Literal["development", "test", "staging", "production"] = _setting(
        "production", "Which config/<env>.toml to read.", group="server", restart=True
    )
    data_dir: Path = _setting(Path("data"), "The folder with all of CastMind's data.", group="server", restart=True)
    host: str = _setting("127.0.0.1", "The address to listen on.", group="server", restart=True)
    port: int = _setting(8501, "The port to listen on.", group="server", restart=True, ge=0, le=65535)
    allowed_hosts: tuple[str, ...] = _setting(
        (), "Host names, besides this computer's own, at which the pages may be opened.", group="server", restart=True
    )
    open_without_login: Literal["loopback", "anyone", "nobody"] = _setting(
        "loopback",
        "Who may open CastMind while no password is set: loopback, only this computer; anyone, whoever reaches the port may "
        "read, change and delete everything; nobody. All others get a page that sets the first password.",
        group="server",
        restart=True,
    )
    open_to_network: bool = _setting(
        False,
        "The older form of open_without_login = anyone.",
        group="server",
        restart=True,
    )
    trusted_proxies: tuple[str, ...] = _setting(
        (),
        "Addresses or networks of proxies in front of CastMind, such as 172.18.0.2 or 10.0.0.0/8. Only their word is taken for "
        "where a request comes from.",
        group="server",
        restart=True,
    )
    published: str = _setting(
        "",
        "In a container: the host's address on which the port is published. The compose file sets it.",
        group="server",
        restart=True,
    )
    openid_issuer: str = _setting(
        "",
        "Sign-in by a provider (OpenID Connect): the address of the issuer, such as https://auth.example.net/application/o/castmind.",
        group="accounts",
    )
    openid_client_id: str = _setting("", "The client id that the provider gave to CastMind.", group="accounts")
    openid_client_secret: str = _setting(
        "",
        "The client secret for it; empty for a public client. It can be set only in the environment or a file.",
        group="accounts",
        secret=True,
    )
    openid_name: str = _setting("", "What the button on the sign-in page calls the provider.", group="accounts")
    openid_new_users: Literal["nobody", "viewer", "member"] = _setting(
        "nobody",
        "What people of the provider who come for the first time become: nobody, only users who linked their account come in; "
        "viewer; member.",
        group="accounts",
    )
    openid_admitted: tuple[str, ...] = _setting(
        (),
        "Who of the provider may come in, as claim=value, such as groups=family or email=anna@example.net. One match is enough; "
        "empty admits everybody who can sign in there.",
        group="accounts",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = _setting("INFO", "How much detail is logged.", group="server")
    log_levels: tuple[str, ...] = _setting(
        (), "Levels of single modules, such as core.pipeline=DEBUG, by the names in the log.", group="server"
    )
    log_keep_days: int = _setting(30, "How many days to keep logs.", group="server", ge=1)
    log_audit_days: int = _setting(365, "How many days to keep the audit log.", group="server", ge=1)
    log_keep_mb: int = _setting(
        500, "Limit for compressed logs, in megabytes; the oldest go first. The audit log doesn't count.", group="server", ge=50
    )
    metrics_token: str = _setting(
        "",
        "The token with which a monitor reads /metrics. Without one, only this computer itself may. It can be set only in the "
        "environment or a file.",
        group="server",
        secret=True,
    )
    language: Literal["auto", "en", "zh"] = _setting("auto", "Language of the pages; auto follows the browser.", group="pages")

    # speech
    whisper_model: str = _setting(
        "auto",
        "Speech model: auto, a faster-whisper name (small, large-v3-turbo, ...), a folder, or demo for the bundled one.",
        group="speech",
    )
    device: Literal["auto", "cuda", "cpu"] = _setting("auto", "Where speech recognition runs.", group="speech")
    compute_type: str = _setting(
        "auto", "Number format of the speech model: auto, float16, int8_float16, int8, ...", group="speech"
    )
    batch_size: int = _setting(
        0, "How many stretches of speech are decoded at once; 0 chooses by device.", group="speech", ge=0, le=1024
    )
    audio_language: str = _setting("auto", "Language spoken in the audio: auto, or a code such as en or zh.", group="speech")
    chinese_script: Literal["simplified", "traditional", "as_heard"] = _setting(
        "simplified", "The script used for Chinese transcripts.", group="speech"
    )
    speech_idle_seconds: float = _setting(
        120.0, "How long the speech model can be idle before it's unloaded.", group="speech", ge=0
    )
    window_minutes: float = _setting(
        0.0, "The longest stretch of audio transcribed before it's saved; 0 chooses by device.", group="speech", ge=0
    )
    hf_endpoint: str = _setting("", "Where to download speech models from, if not huggingface.co (HF_ENDPOINT).", group="speech")

    # notes
    notes_engine: Literal["auto", "ollama", "extractive"] = _setting(
        "auto",
        "Who writes notes: auto and ollama use Ollama (extracted notes until it responds); extractive never uses it.",
        group="notes",
    )
    ollama_host: str = _setting("http://127.0.0.1:11434", "The address of Ollama (OLLAMA_HOST).", group="notes")
    ollama_model: str = _setting(
        "", "Language model for the notes; empty chooses among the models installed on this computer.", group="notes"
    )
    ollama_remote_models: bool = _setting(
        False,
        "Whether models that run on other computers, such as Ollama's cloud models, may write notes. Whole transcripts are then "
        "sent to whoever runs them.",
        group="notes",
    )
    ollama_num_ctx: int = _setting(
        8192,
        "The context length in tokens requested from Ollama. It's lowered, with a message, if the model or this computer's "
        "memory can't support it.",
        group="notes",
        ge=LEAST_CONTEXT,
        le=MOST_CONTEXT,
    )
    ollama_timeout_seconds: float = _setting(
        600.0, "The longest wait for one answer from the language model.", group="notes", ge=1
    )
    notes_minutes: float = _setting(
        180.0,
        "The longest time spent on one episode's notes, in minutes; 0 means no limit. What was read by then is kept and can be "
        "continued.",
        group="notes",
        ge=0,
    )
    notes_language: str = _setting(
        "auto", "Language of the notes: auto uses that of the audio; otherwise a code such as en or zh.", group="notes"
    )

    # sources
    auto_transcribe: bool = _setting(
        True, "Whether new episodes of newly added podcasts are transcribed automatically.", group="sources"
    )
    backlog: int = _setting(3, "How many existing episodes of a newly added podcast are transcribed.", group="sources", ge=0)
    poll_minutes: float = _setting(
        0.0, "Minutes between two checks of a feed; 0 follows how often each feed publishes.", group="sources", ge=0
    )
    allowed_private_hosts: tuple[str, ...] = _setting(
        (),
        "Private hosts that CastMind may download feeds and audio from, such as a server at home; nas:8080 allows only "
        "that port.",
        group="sources",
    )
    inbox_polling: Literal["auto", "always"] = _setting(
        "auto",
        "Whether the inbox is watched by polling: auto does so where file events do not arrive.",
        group="sources",
        restart=True,
    )
    itunes_url: str = _setting(
        "https://itunes.apple.com",
        "Where to search the iTunes directory for podcasts. Leave empty to turn it off.",
        group="sources",
    )
    podcastindex_url: str = _setting(
        "https://api.podcastindex.org/api/1.0", "Where to search the Podcast Index for podcasts.", group="sources"
    )
    podcastindex_key: str = _setting(
        "", "Your key for the Podcast Index. With the key and the secret, you can search its directory.", group="sources"
    )
    podcastindex_secret: str = _setting(
        "", "The secret for that key. It can be set only in the environment or a file.", group="sources", secret=True
    )
    max_upload_gb: float = _setting(20.0, "The largest file you can upload, in gigabytes.", group="sources", ge=0)
    min_free_gb: float = _setting(
        1.0, "With less free disk space than this, in gigabytes, nothing new is downloaded or started.", group="sources", ge=0
    )

    # retention
    keep_audio: Literal["all", "heard", "days", "text"] = _setting(
        "all",
        "How long to keep downloaded audio: all; heard, until you've listened to it; days, some days longer; text, until it's "
        "transcribed. Transcripts and notes stay, and the audio can be downloaded again.",
        group="keeping",
    )
    keep_audio_days: int = _setting(7, "For keep_audio = days: how many days after listening.", group="keeping", ge=0)
    keep_episodes: Literal["all", "newest", "days"] = _setting(
        "all",
        "Which episodes of a podcast to keep: all, the latest, or those of the last days. The others move to the trash.",
        group="keeping",
    )
    keep_newest: int = _setting(50, "For keep_episodes = newest: how many of each podcast.", group="keeping", ge=1)
    keep_days: int = _setting(
        365, "For keep_episodes = days: how many days after they were published or transcribed.", group="keeping", ge=1
    )
    media_gb: float = _setting(
        0.0,
        "Limit for downloaded audio, in gigabytes; 0 means no limit. Audio listened to longest ago is removed "
        "first; uploads never are.",
        group="keeping",
        ge=0,
    )
    publisher_transcript: Literal["prefer", "never"] = _setting(
        "prefer",
        "Whether a publisher's transcript that matches the audio is used instead of transcribing: prefer, or never.",
        group="speech",
    )

    # notifications
    public_url: str = _setting(
        "",
        "The address at which you open CastMind, for the links in notifications, such as http://nas.home:8501.",
        group="notifications",
    )
    feed_failing_hours: float = _setting(
        24.0,
        "After how many hours without an answer a podcast counts as failing, for notifications.",
        group="notifications",
        ge=1,
    )

    # backups
    backup_nightly: bool = _setting(
        True, "Whether to make a backup every night. A missed backup is made at the next start.", group="backup"
    )
    backup_hour: int = _setting(
        3, "The hour of the day, in local time, at which the nightly backup starts.", group="backup", ge=0, le=23
    )
    backup_keep: int = _setting(7, "How many nightly backups to keep.", group="backup", ge=1)
    backup_media: bool = _setting(
        False, "Whether nightly backups include downloaded podcast audio; uploads are always included.", group="backup"
    )
    replica: bool = _setting(
        False,
        "Whether Litestream replicates the database all the time: CastMind then watches how far the replica is behind. "
        "docs/replica.md says how to start Litestream.",
        group="backup",
    )

    @field_validator("allowed_hosts", "allowed_private_hosts", "log_levels", "openid_admitted", "trusted_proxies", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return tuple(v.strip() for v in value.split(",") if v.strip()) if isinstance(value, str) else value

    @field_validator("log_levels", mode="after")
    @classmethod
    def _named_levels(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for each in value:
            module, _, level = each.partition("=")
            if not LOG_MODULE.fullmatch(module) or level not in LOG_LEVELS:
                raise ValueError("module=LEVEL is needed, such as core.pipeline=DEBUG")
        return value

    @field_validator("openid_admitted", mode="after")
    @classmethod
    def _claims(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not all(claim.strip() and said.strip() for claim, _, said in (each.partition("=") for each in value)):
            raise ValueError("claim=value is needed, such as groups=family")
        return value

    @field_validator("trusted_proxies", mode="after")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for each in value:
            ipaddress.ip_network(each, strict=False)
        return value

    @field_validator("*", mode="after")
    @classmethod
    def _in_bounds(cls, value: Any) -> Any:
        if isinstance(value, int | float) and abs(value) > LARGEST:
            raise ValueError(f"a number of at most {LARGEST:,} is needed")
        return value

    @field_validator("ollama_host", mode="after")
    @classmethod
    def _callable_address(cls, value: str) -> str:
        """`OLLAMA_HOST=0.0.0.0` tells the Ollama server to listen everywhere; as an address to call it means this computer."""
        text = value.strip().rstrip("/")
        parts = urlsplit(text if "://" in text or text in ("http:", "https:") else f"http://{text}")
        host = parts.hostname or "127.0.0.1"
        if parts.scheme not in ("http", "https") or not HOST_NAME.fullmatch(host):
            raise ValueError("an address such as http://127.0.0.1:11434 is needed")
        if host in ("0.0.0.0", "::"):  # noqa: S104
            host = "127.0.0.1"
        user = f"{parts.netloc.rpartition('@')[0]}@" if "@" in parts.netloc else ""
        port = parts.port or (None if parts.scheme == "https" else 11434)
        place = f"[{host}]" if ":" in host else host
        return f"{parts.scheme}://{user}{place}{f':{port}' if port else ''}{parts.path}"

    @field_validator("openid_issuer", "public_url", mode="after")
    @classmethod
    def _web_address(cls, value: str) -> str:
        text = value.strip().rstrip("/")
        parts = urlsplit(text)
        if text and (
            parts.scheme not in ("http", "https") or not HOST_NAME.fullmatch(parts.hostname or "") or "@" in parts.netloc
        ):
            raise ValueError("an address such as http://nas.home:8501 is needed")
        return text

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        # The layers are read by `layers()`, which also remembers where each value came from.
        return (init_settings,)

    @property
    def data(self) -> Path:
        """The data folder, absolute."""
        return self.data_dir if self.data_dir.is_absolute() else PROJECT / self.data_dir


class InForce(Protocol):
    """Who knows the settings in force: asked each time, since a change needs no restart."""

    @property
    def values(self) -> Settings: ...


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings with, for each name, the layer that set it: default, a file's name, saved, or environment."""

    values: Settings
    sources: Mapping[str, str]

    def locked(self, name: str) -> bool:
        """Whether the environment fixes the value, so that the settings page cannot change it."""
        return self.sources.get(name) == "environment"


def in_container(environ: Mapping[str, str] | None = None) -> bool:
    return (os.environ if environ is None else environ).get("CASTMIND_CONTAINER") == "1"


def table() -> Mapping[str, FieldInfo]:
    """The table: name → pydantic field (default, annotation, description, group and restart in json_schema_extra)."""
    return Settings.model_fields


def is_secret(name: str) -> bool:
    extra = Settings.model_fields[name].json_schema_extra
    return isinstance(extra, Mapping) and bool(extra["secret"])


def environment_name(name: str) -> str:
    return FOREIGN_NAMES.get(name, PREFIX + name.upper())


def _from_environment(environ: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in Settings.model_fields:
        for key in (environment_name(name), PREFIX + name.upper()):
            if key in environ and environ[key] != "":
                found[name] = environ[key]
            elif environ.get(key + "_FILE"):
                found[name] = _from_secret(name, key + "_FILE", Path(environ[key + "_FILE"]))
    return found


def _from_secret(name: str, variable: str, path: Path) -> str:
    try:
        with path.open("rb") as file:
            read = file.read(SECRET_BYTES + 1)
        text = read.decode().strip()
    except OSError as error:
        raise StartError(f"{variable} names {path}, which cannot be read: {error}. Correct the path, or unset it.") from error
    except UnicodeDecodeError:
        # Without the error of the codec, which quotes the file.
        raise StartError(f"{variable} names {path}, which is not a text file (UTF-8). Correct it, or unset it.") from None
    if len(read) > SECRET_BYTES:
        raise StartError(f"{variable} names {path}, which is larger than any setting. Correct the path, or unset it.")
    if is_secret(name) and not text:
        raise StartError(f"{variable} names {path}, which is empty. Write the secret into it, or unset the variable.")
    return text


def files_of_settings(environ: Mapping[str, str] | None = None) -> dict[str, Path]:
    """Return the files that CASTMIND_<NAME>_FILE names, by the name of the variable."""
    environ = os.environ if environ is None else environ
    names = (key + "_FILE" for name in Settings.model_fields for key in (environment_name(name), PREFIX + name.upper()))
    return {variable: Path(environ[variable]) for variable in names if environ.get(variable)}


def _from_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    except (OSError, ValueError) as error:
        raise StartError(f"{path} cannot be read: {error}. Correct the file, or move it away.") from error


def layers(
    saved: Mapping[str, Any], environ: Mapping[str, str], config: Path, *, container: bool
) -> list[tuple[str, Mapping[str, Any]]]:
    """The layers in the order in which later wins."""
    env = environ.get(PREFIX + "ENV", "production")
    files = ["base.toml", f"{env}.toml", *(["docker.toml"] if container else []), "local.toml"]
    return [
        *((f"config/{f}", _from_file(config / f)) for f in files),
        ("saved", saved),
        ("environment", _from_environment(environ)),
    ]


def load(
    saved: Mapping[str, Any] | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    config: Path = PROJECT / "config",
) -> Loaded:
    """Reads all layers. Raises StartError naming the setting and the layer when a value does not fit."""
    environ = os.environ if environ is None else environ
    container = in_container(environ)
    merged: dict[str, Any] = {}
    sources = dict.fromkeys(Settings.model_fields, "default")
    for label, values in layers(saved or {}, environ, config, container=container):
        for name, value in (_within_bounds(values) if label == "saved" else values).items():
            if name not in Settings.model_fields:
                if label == "saved":
                    continue  # saved by a newer version: kept in the database, not used
                raise StartError(f"{label}: there is no setting {name!r}. See docs/settings.md.")
            merged[name] = value
            sources[name] = label
    try:
        return Loaded(Settings(**merged), sources)
    except ValidationError as error:
        bad = error.errors()[0]
        name = str(bad["loc"][0])
        raise StartError(f"The setting {name!r} from {sources.get(name)} is not usable: {bad['msg']}.") from error


def _within_bounds(saved: Mapping[str, Any]) -> Mapping[str, Any]:
    """Drop values that were saved before their setting had bounds and lie outside them: a start must not fail because of them."""
    kept = {}
    for name, value in saved.items():
        bounded = name == "ollama_host" or (isinstance(value, int | float) and not isinstance(value, bool))
        if bounded and name in Settings.model_fields:
            try:
                check(name, value)
            except UserError as error:
                log.warning("the saved setting is passed over: %s", error)
                continue
        kept[name] = value
    return kept


def check(name: str, value: Any) -> Any:
    """The value as it will be saved (JSON types). Raises UserError when the name or the value does not fit."""
    if name not in Settings.model_fields:
        raise UserError(f"There is no setting {name!r}.")
    try:
        return Settings(**{name: value}).model_dump(mode="json")[name]
    except ValidationError as error:
        raise UserError(f"{name}: {error.errors()[0]['msg']}.", **_misfit(name)) from error


def _misfit(name: str) -> dict[str, str | int | float]:
    """Return the case of the error, and the bounds that its sentence names."""
    if name in ("ollama_host", "public_url"):
        return {"case": "setting_address", "name": name}
    bounds = {
        side: limit
        for rule in Settings.model_fields[name].metadata
        for side, limit in (("least", getattr(rule, "ge", None)), ("most", getattr(rule, "le", None)))
        if limit is not None
    }
    if not bounds:
        return {"case": "setting_value", "name": name}
    return {"case": "setting_range" if len(bounds) == 2 else f"setting_{next(iter(bounds))}", "name": name, **bounds}
