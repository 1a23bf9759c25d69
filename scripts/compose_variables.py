"""Variables that the compose files and deploy.sh read from .env, in addition to the application's settings."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable that the compose files or deploy.sh read from .env; `default` applies if it is not set."""

    name: str
    default: str
    help: str


VARIABLES = (
    Variable("COMPOSE_FILE", "docker-compose.yml", "docker-compose.cpu.yml runs without a card. deploy.sh chooses."),
    Variable(
        "COMPOSE_PROFILES", "", "What runs beside CastMind: ollama, proxy, replica, monitoring, or several, separated by commas."
    ),
    Variable("PUID", "", "The user that CastMind runs as; empty takes the data folder's owner, or 1000 where that is root."),
    Variable("PGID", "", "The group that CastMind runs as, in the same way."),
    Variable("UMASK", "022", "Which permissions new files are denied."),
    Variable("TZ", "UTC", "The time zone, such as Europe/Berlin or Asia/Shanghai."),
    Variable("CASTMIND_DATA_DIR", "./data", "The folder on this computer that holds everything: absolute, or beginning with ./"),
    Variable("CASTMIND_BIND", "127.0.0.1", "The address of this computer on which the ports are opened."),
    Variable(
        "CASTMIND_OPEN_WITHOUT_LOGIN",
        "loopback",
        "Who may open CastMind while no password is set: loopback, only this computer; anyone, whoever reaches the port; nobody.",
    ),
    Variable("CASTMIND_PORT", "8501", "The port on this computer; inside the container it is always 8501."),
    Variable("CASTMIND_MEMORY", "8g", "How much memory CastMind may take; auto chooses a speech model that fits."),
    Variable("CASTMIND_IMAGE", "", "Another image: a name with a slash is pulled, one without is built here under that name."),
    Variable("CASTMIND_DEPLOY_WAIT", "180", "How many seconds deploy.sh waits for a new version to be healthy."),
    Variable("CASTMIND_HTTPS_PORT", "8443", "Profile proxy: the port on this computer."),
    Variable("CASTMIND_TLS", "internal", "Profile proxy: internal, or an e-mail address for certificates from Let's Encrypt."),
    Variable("CADDY_IMAGE", "caddy:2.11.4-alpine", "Profile proxy: its image."),
    Variable("OLLAMA_IMAGE", "ollama/ollama:0.24.0", "Profile ollama: its image."),
    Variable(
        "REPLICA_DIR",
        "./replica",
        "Profile replica: the folder on this computer, of the user PUID, that the database is copied to.",
    ),
    Variable("REPLICA_URL", "file:///replica", "Profile replica: another target, such as s3://bucket/castmind."),
    Variable("LITESTREAM_ACCESS_KEY_ID", "", "Profile replica: the key of an S3-compatible store."),
    Variable("LITESTREAM_SECRET_ACCESS_KEY", "", "Profile replica: the secret for that key."),
    Variable("LITESTREAM_IMAGE", "litestream/litestream:0.5.18", "Profile replica: its image."),
    Variable("PROMETHEUS_PORT", "9090", "Profile monitoring: the port of Prometheus on this computer."),
    Variable("ALERTMANAGER_PORT", "9093", "Profile monitoring: the port of Alertmanager on this computer."),
    Variable("GRAFANA_PORT", "3000", "Profile monitoring: the port of Grafana on this computer."),
    Variable("GRAFANA_PASSWORD", "admin", "Profile monitoring: the first password of Grafana's user admin."),
    Variable("PROMETHEUS_IMAGE", "prom/prometheus:v3.7.3", "Profile monitoring: the image of Prometheus."),
    Variable("ALERTMANAGER_IMAGE", "prom/alertmanager:v0.28.1", "Profile monitoring: the image of Alertmanager."),
    Variable("GRAFANA_IMAGE", "grafana/grafana:12.2.1", "Profile monitoring: the image of Grafana."),
    Variable("LOKI_IMAGE", "grafana/loki:3.5.7", "Profile monitoring: the image of Loki."),
    Variable("ALLOY_IMAGE", "grafana/alloy:v1.11.3", "Profile monitoring: the image of Alloy."),
    Variable("BASE_IMAGE", "python:3.13-slim-bookworm", "When building: the image to build on."),
    Variable("APT_MIRROR", "", "When building: a mirror of Debian's packages."),
    Variable("PIP_INDEX_URL", "", "When building: a mirror of the Python packages."),
    Variable("WITH_YTDLP", "", "When building: 1 adds yt-dlp, for the recordings of web pages such as those of YouTube."),
)

# Covered by the variables above, or set by the image itself.
NOT_PASSED = frozenset({"data_dir", "host", "open_without_login", "published", "port"})
