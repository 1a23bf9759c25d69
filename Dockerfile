# CastMind's image:  docker build --target cpu --tag castmind:cpu .     (cuda is the default)
#
#     ffmpeg (static, trimmed), font ─┐
#     packages (venv) ────────────────┼─▶ cpu:  base ◀ ffmpeg, font ◀ packages ◀ app
#     cuBLAS ─────────────────────────┴─▶ cuda: base ◀ ffmpeg, font ◀ cuBLAS ◀ packages ◀ app
#
# `--build-arg WITH_YTDLP=1` adds a layer with yt-dlp between packages and app; otherwise that layer is empty.
#
# The layers that change least lie lowest, so that an update of CastMind downloads the top layer only. Any Debian or Ubuntu
# may be the base, with or without Python; APT_MIRROR and PIP_INDEX_URL name mirrors for slow or closed networks.
#
# No `sharing=locked`: Buildah holds that lock until the stage ends, and so deadlocks with itself. docker/build/apt locks.
ARG BASE_IMAGE=python:3.13-slim-bookworm

FROM ${BASE_IMAGE} AS base
ARG APT_MIRROR=
RUN --mount=type=bind,source=docker/build/apt,target=/mnt/apt \
    --mount=type=bind,source=docker/build/python,target=/mnt/python \
    --mount=type=cache,target=/var/cache/apt \
    --mount=type=cache,target=/var/lib/apt/lists \
    /mnt/python

FROM ${BASE_IMAGE} AS ffmpeg
ARG APT_MIRROR=
COPY docker/build/apt docker/build/ffmpeg /build/
RUN --mount=type=cache,target=/var/cache/apt \
    --mount=type=cache,target=/var/lib/apt/lists \
    /build/ffmpeg

# PDF files of Chinese text embed the glyphs that they use; core/export/layout/fonts.py looks for the font in Debian's path.
FROM ${BASE_IMAGE} AS font
ARG APT_MIRROR=
COPY docker/build/apt /build/
RUN --mount=type=cache,target=/var/cache/apt \
    --mount=type=cache,target=/var/lib/apt/lists \
    /build/apt fonts-wqy-microhei

FROM base AS pip
ARG APT_MIRROR=
COPY docker/build/apt docker/build/pip /build/
RUN --mount=type=cache,target=/var/cache/apt \
    --mount=type=cache,target=/var/lib/apt/lists \
    /build/pip --version

FROM pip AS packages
ARG PIP_INDEX_URL=
WORKDIR /build
COPY docker/build/packages requirements.txt ./
RUN --mount=type=cache,target=/root/.cache/pip ./packages

FROM pip AS cublas
ARG PIP_INDEX_URL=
WORKDIR /build
COPY docker/build/cublas requirements-cuda.txt ./
RUN ./cublas

FROM pip AS ytdlp
ARG PIP_INDEX_URL=
ARG WITH_YTDLP=
WORKDIR /build
COPY docker/build/ytdlp requirements-ytdlp.txt ./
RUN ./ytdlp "${WITH_YTDLP}"

FROM base AS app
WORKDIR /app
COPY . .
RUN rm -r docker/build requirements*.txt && mv docker/run/* docker/ && rmdir docker/run && mkdir data && \
    python3 -m compileall -q --invalidation-mode unchecked-hash .

# Everything that both targets share, except the packages and the app, which lie above cuBLAS.
FROM base AS frame
COPY --from=ffmpeg /ffmpeg /usr/local
COPY --from=font /usr/share/fonts/truetype/wqy/wqy-microhei.ttc /usr/share/fonts/truetype/wqy/
COPY docker/run/castmind /usr/local/bin/
WORKDIR /app
ENV PATH=/opt/venv/bin:$PATH \
    HOME=/tmp \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    CASTMIND_CONTAINER=1 \
    CASTMIND_DATA_DIR=/app/data \
    CASTMIND_HOST=0.0.0.0 \
    CASTMIND_PORT=8501
EXPOSE 8501
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s --retries=6 CMD ["/app/docker/healthcheck"]
ENTRYPOINT ["/app/entrypoint.sh"]
CMD ["python", "castmind_app.py"]

FROM frame AS cpu
COPY --from=packages /opt/venv /opt/venv
COPY --from=ytdlp /opt/ytdlp /opt/ytdlp
COPY --from=app /app /app
ARG VERSION=0.1.0
ARG REVISION=
ARG SOURCE=
LABEL org.opencontainers.image.title="CastMind" \
      org.opencontainers.image.description="The podcast and audio mind that runs at home" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.source="${SOURCE}"

# The container toolkit mounts the driver when these two variables are set; no NVIDIA base image is needed.
FROM frame AS cuda
ENV NVIDIA_VISIBLE_DEVICES=all \
    NVIDIA_DRIVER_CAPABILITIES=compute,utility
COPY --from=cublas /opt/cublas /opt/cublas
COPY --from=packages /opt/venv /opt/venv
COPY --from=ytdlp /opt/ytdlp /opt/ytdlp
COPY --from=app /app /app
ARG VERSION=0.1.0
ARG REVISION=
ARG SOURCE=
LABEL org.opencontainers.image.title="CastMind" \
      org.opencontainers.image.description="The podcast and audio mind that runs at home" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.source="${SOURCE}"
