from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from core import settings
from core.errors import StartError, UserError
from core.settings import Loaded


@pytest.fixture
def config(tmp_path: Path) -> Path:
    folder = tmp_path / "config"
    folder.mkdir()
    return folder


def load(config: Path, environ: Mapping[str, str] | None = None, saved: Mapping[str, Any] | None = None) -> Loaded:
    return settings.load(saved, environ=environ or {}, config=config)


# --- layers ---------------------------------------------------------------------------------------------

LAYERS = ["config/base.toml", "config/test.toml", "config/docker.toml", "config/local.toml", "saved", "environment"]


@pytest.mark.parametrize("count", range(len(LAYERS) + 1))
def test_the_later_layer_wins_and_is_named(config: Path, count: int) -> None:
    environ = {"CASTMIND_ENV": "test", "CASTMIND_CONTAINER": "1"}
    saved = {}
    for number, layer in enumerate(LAYERS[:count], 1):
        match layer:
            case "saved":
                saved["backlog"] = number
            case "environment":
                environ["CASTMIND_BACKLOG"] = str(number)
            case _:
                (config / Path(layer).name).write_text(f"backlog = {number}\n")
    loaded = load(config, environ, saved)
    assert loaded.values.backlog == (count or 3)
    assert loaded.sources["backlog"] == (LAYERS[count - 1] if count else "default")
    assert loaded.locked("backlog") is (count == len(LAYERS))


def test_other_environments_and_the_containers_file_are_left_alone(config: Path) -> None:
    (config / "staging.toml").write_text("backlog = 8\n")
    (config / "docker.toml").write_text("backlog = 9\n")
    assert load(config).values.backlog == 3
    assert load(config, {"CASTMIND_ENV": "staging"}).values.backlog == 8


def test_every_default_fits_its_own_type(config: Path) -> None:
    loaded = load(config)
    assert set(loaded.sources.values()) == {"default"}
    for name, field in settings.table().items():
        assert field.description, name
        assert settings.check(name, loaded.values.model_dump(mode="json")[name]) is not ...


def test_an_empty_variable_sets_nothing(config: Path) -> None:
    loaded = load(config, {"CASTMIND_BACKLOG": "", "OLLAMA_HOST": ""})
    assert loaded.values.backlog == 3
    assert not loaded.locked("ollama_host")


def test_lists_come_from_commas_or_from_toml(config: Path) -> None:
    (config / "base.toml").write_text('allowed_hosts = ["a.home", "b.home"]\n')
    loaded = load(config, {"CASTMIND_ALLOWED_PRIVATE_HOSTS": "nas.home, 10.0.0.2 ,"})
    assert loaded.values.allowed_hosts == ("a.home", "b.home")
    assert loaded.values.allowed_private_hosts == ("nas.home", "10.0.0.2")


def test_the_data_folder_is_absolute(config: Path, tmp_path: Path) -> None:
    assert load(config).values.data == settings.PROJECT / "data"
    assert load(config, {"CASTMIND_DATA_DIR": str(tmp_path)}).values.data == tmp_path


def test_what_a_newer_version_saved_is_left_alone(config: Path) -> None:
    assert load(config, saved={"from_the_future": 1, "backlog": 5}).values.backlog == 5


# --- secrets from files -----------------------------------------------------------------------------------


def test_a_secret_is_read_from_a_file_and_locks_the_setting(config: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("small\n")
    loaded = load(config, {"CASTMIND_WHISPER_MODEL_FILE": str(tmp_path / "secret")})
    assert loaded.values.whisper_model == "small"
    assert loaded.locked("whisper_model")


def test_the_variable_itself_goes_before_its_file(config: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("small\n")
    environ = {"CASTMIND_WHISPER_MODEL_FILE": str(tmp_path / "secret"), "CASTMIND_WHISPER_MODEL": "tiny"}
    assert load(config, environ).values.whisper_model == "tiny"


def test_a_secret_that_is_not_there_is_said_with_its_variable_and_path(config: Path, tmp_path: Path) -> None:
    with pytest.raises(StartError, match=r"CASTMIND_WHISPER_MODEL_FILE names .*/absent"):
        load(config, {"CASTMIND_WHISPER_MODEL_FILE": str(tmp_path / "absent")})


# --- names that other programs use ------------------------------------------------------------------------


def test_foreign_names_are_read_and_castminds_own_go_before_them(config: Path) -> None:
    environ = {"OLLAMA_HOST": "http://a:1", "HF_ENDPOINT": "https://mirror.example"}
    loaded = load(config, environ)
    assert (loaded.values.ollama_host, loaded.values.hf_endpoint) == ("http://a:1", "https://mirror.example")
    assert loaded.locked("ollama_host")
    assert load(config, environ | {"CASTMIND_OLLAMA_HOST": "http://b:2"}).values.ollama_host == "http://b:2"
    assert settings.environment_name("ollama_host") == "OLLAMA_HOST"
    assert settings.environment_name("backlog") == "CASTMIND_BACKLOG"


@pytest.mark.parametrize(
    ("written", "called"),
    [
        ("0.0.0.0", "http://127.0.0.1:11434"),
        ("0.0.0.0:8080", "http://127.0.0.1:8080"),
        ("http://0.0.0.0:11434", "http://127.0.0.1:11434"),
        ("[::]", "http://127.0.0.1:11434"),
        ("[::]:9000", "http://127.0.0.1:9000"),
        (":9000", "http://127.0.0.1:9000"),
        ("127.0.0.1", "http://127.0.0.1:11434"),
        ("nas.home:9000", "http://nas.home:9000"),
        ("http://nas.home/", "http://nas.home:11434"),
        ("http://nas.home/ollama/", "http://nas.home:11434/ollama"),
        ("https://ai.example.org", "https://ai.example.org"),
        ("https://ai.example.org:8443/x", "https://ai.example.org:8443/x"),
        ("https://me:pw@ai.example.org", "https://me:pw@ai.example.org"),
        ("[::1]", "http://[::1]:11434"),
        ("http://[fd00::1]:9000", "http://[fd00::1]:9000"),
        ("  host.docker.internal  ", "http://host.docker.internal:11434"),
    ],
)
def test_the_address_that_ollama_listens_on_becomes_one_to_call(config: Path, written: str, called: str) -> None:
    found = load(config, {"OLLAMA_HOST": written}).values.ollama_host
    assert found == called
    assert load(config, {"OLLAMA_HOST": found}).values.ollama_host == called


@pytest.mark.parametrize(
    "written",
    ["nas.home:port", "ftp://nas.home", "http://nas home", "nas\u202ehome", "file:///etc/passwd", "http://x:99999", "x" * 3000],
)
def test_an_address_that_is_none_is_said(config: Path, written: str) -> None:
    with pytest.raises(StartError, match="'ollama_host' from environment"):
        load(config, {"OLLAMA_HOST": written})
    with pytest.raises(UserError):
        settings.check("ollama_host", written)
    # A value that an earlier version accepted does not keep this one from starting.
    assert settings.load({"ollama_host": written}, environ={}, config=config).values.ollama_host == "http://127.0.0.1:11434"


@pytest.mark.parametrize("seconds", [0, 1e-9, 0.5, -1])
def test_no_answer_comes_in_less_than_a_second(config: Path, seconds: float) -> None:
    with pytest.raises(UserError):
        settings.check("ollama_timeout_seconds", seconds)
    assert settings.load({"ollama_timeout_seconds": seconds}, environ={}, config=config).values.ollama_timeout_seconds == 600.0


# --- errors -----------------------------------------------------------------------------------------------


def test_a_bad_value_is_said_with_its_setting_and_its_layer(config: Path) -> None:
    with pytest.raises(StartError, match="'backlog' from environment"):
        load(config, {"CASTMIND_BACKLOG": "many"})
    with pytest.raises(StartError, match="'device' from saved"):
        load(config, saved={"device": "tpu"})
    (config / "local.toml").write_text("port = 'x'\n")
    with pytest.raises(StartError, match=r"'port' from config/local\.toml"):
        load(config)


def test_a_setting_that_is_none_is_said_with_its_file(config: Path) -> None:
    (config / "base.toml").write_text("bakclog = 3\n")
    with pytest.raises(StartError, match=r"config/base.toml: there is no setting 'bakclog'"):
        load(config)


def test_a_file_that_is_not_toml_is_said(config: Path) -> None:
    (config / "local.toml").write_text("backlog: 3\n")
    with pytest.raises(StartError, match=r"local\.toml cannot be read"):
        load(config)


def test_every_number_has_a_lower_bound_and_says_so() -> None:
    numbers = [name for name, field in settings.table().items() if field.annotation in (int, float)]
    assert {"ollama_num_ctx", "port", "batch_size", "speech_idle_seconds", "window_minutes"} <= set(numbers)
    for name in numbers:
        for value in (-1, -5, -1e9, "-5"):
            with pytest.raises(UserError, match=name):
                settings.check(name, value)


@pytest.mark.parametrize("tokens", [-5, 0, 1, 512, 2047, (1 << 20) + 1, 1_900_000, 10**9])
def test_a_context_length_that_no_model_can_use_is_refused(config: Path, tokens: int) -> None:
    with pytest.raises(UserError, match="ollama_num_ctx"):
        settings.check("ollama_num_ctx", tokens)
    with pytest.raises(StartError, match="'ollama_num_ctx' from environment"):
        load(config, {"CASTMIND_OLLAMA_NUM_CTX": str(tokens)})


@pytest.mark.parametrize(
    ("name", "value"), [("ollama_num_ctx", -5), ("ollama_num_ctx", 1_900_000), ("port", 70000), ("window_minutes", -0.5)]
)
def test_a_number_that_was_saved_before_it_had_bounds_stops_no_start(config: Path, name: str, value: float) -> None:
    loaded = load(config, saved={name: value, "backlog": 5})
    assert (getattr(loaded.values, name), loaded.sources[name]) == (settings.table()[name].default, "default")
    assert loaded.values.backlog == 5


def test_a_value_is_checked_and_brought_to_json_before_it_is_saved() -> None:
    assert settings.check("backlog", "5") == 5
    assert settings.check("allowed_hosts", "a.home,b.home") == ["a.home", "b.home"]
    assert settings.check("ollama_host", "0.0.0.0") == "http://127.0.0.1:11434"
    with pytest.raises(UserError, match="backlog"):
        settings.check("backlog", "many")
    with pytest.raises(UserError, match="no setting 'x'"):
        settings.check("x", 1)


# --- secrets --------------------------------------------------------------------------------------------

SECRETS = [name for name in settings.table() if settings.is_secret(name)]


@pytest.mark.parametrize("name", [name for name, field in settings.table().items() if field.annotation is str])
def test_each_text_setting_can_come_from_a_file(config: Path, name: str) -> None:
    value = "http://box:1234" if name in ("ollama_host", "openid_issuer", "public_url") else "from-a-file"
    (config / "given").write_text(f"{value}\n")
    for variable in {settings.environment_name(name), f"CASTMIND_{name.upper()}"}:
        loaded = load(config, {f"{variable}_FILE": str(config / "given")})
        assert getattr(loaded.values, name) == value
        assert loaded.locked(name)


@pytest.mark.parametrize("name", SECRETS)
def test_a_secrets_file_that_is_no_use_is_named_and_never_quoted(config: Path, name: str) -> None:
    file, variable = config / "given", f"CASTMIND_{name.upper()}_FILE"
    for content in (b"", b" \n", b"horse\xff", b"horse" * 20_000):
        file.write_bytes(content)
        with pytest.raises(StartError) as refused:
            load(config, {variable: str(file)})
        said = f"{refused.value.detail} {refused.value.__cause__}"
        assert variable in said and str(file) in said and "horse" not in said
    with pytest.raises(StartError, match=str(config / "missing")):
        load(config, {variable: str(config / "missing")})
    with pytest.raises(StartError, match="/dev/zero"):
        load(config, {variable: "/dev/zero"})


def test_the_files_of_settings_are_listed_by_their_variable() -> None:
    environ = {
        "CASTMIND_PODCASTINDEX_SECRET_FILE": "/a",
        "OLLAMA_HOST_FILE": "/b",
        "CASTMIND_BACKLOG_FILE": "",
        "OTHER_FILE": "/c",
    }
    assert settings.files_of_settings(environ) == {
        "CASTMIND_PODCASTINDEX_SECRET_FILE": Path("/a"),
        "OLLAMA_HOST_FILE": Path("/b"),
    }


def test_an_error_quotes_no_value(config: Path) -> None:
    with pytest.raises(StartError) as refused:
        load(config, {"CASTMIND_PORT": "horse-staple"})
    assert "horse" not in f"{refused.value.detail} {refused.value.__cause__}"


@pytest.mark.parametrize(
    "value", ["nas.home:8501", "ftp://nas.home", "http://", "http://user:pw@nas.home", "javascript:alert(1)"]
)
def test_what_links_lead_to_is_an_address_of_the_web(config: Path, value: str) -> None:
    assert load(config, {"CASTMIND_PUBLIC_URL": " https://cast.home/ "}).values.public_url == "https://cast.home"
    with pytest.raises(UserError) as refused:
        settings.check("public_url", value)
    assert refused.value.params == {"case": "setting_address", "name": "public_url"}
