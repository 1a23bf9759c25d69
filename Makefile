# CastMind: `make run` starts it, `make help` lists the rest.

PYTHON ?=
export PYTHON

PY := .venv/bin/python
TEST_PACKAGES := chromium espeak-ng libespeak-ng1 ffmpeg fonts-wqy-microhei poppler-utils docx2txt unzip bindfs prometheus prometheus-alertmanager

.DEFAULT_GOAL := help
.PHONY: help run dev deploy setup setup-dev ffmpeg fonts test test-long fuzz test-container test-container-long test-real test-real-short real-models test-needs lint format docs pictures bench soak test-kills mutate lock sbom audit clean

help:  ## List these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-19s %s\n", $$1, $$2 }' Makefile

run: setup ffmpeg fonts  ## Set up what is missing and start CastMind on http://localhost:8501
	@exec $(PY) castmind_app.py

dev: setup-dev  ## Start CastMind, and restart it whenever a file of pages/ or core/ is saved
	@CASTMIND_ENV="$${CASTMIND_ENV:-development}" exec $(PY) -m scripts.dev

deploy:  ## Build and start CastMind in a container; roll back if it is unhealthy (ARGS=check only checks)
	@./deploy.sh $(ARGS)

setup:  ## Create .venv and install the pinned requirements, unless they are current
	@scripts/setup

setup-dev:  ## The same with the packages for development and tests
	@scripts/setup --dev

# The app starts and transcribes without ffmpeg; only waveforms and clips of compressed audio need it.
ffmpeg:
	@command -v ffmpeg >/dev/null && command -v ffprobe >/dev/null || scripts/system-packages ffmpeg || \
		echo "Going on without ffmpeg: transcripts and notes work, waveforms and clips of compressed audio do not."

# The same list as PLACES in core/export/layout/fonts.py.
FONTS := /usr/share/fonts/truetype/wqy/wqy-microhei.ttc /usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf \
	/usr/share/fonts/google-droid-sans-fonts/DroidSansFallbackFull.ttf /usr/share/fonts/wqy-microhei-fonts/wqy-microhei.ttc \
	/usr/share/fonts/wenquanyi/wqy-microhei/wqy-microhei.ttc /mnt/c/Windows/Fonts/msyh.ttc \
	"/System/Library/Fonts/Supplemental/Arial Unicode.ttf"

fonts:
	@ls $(FONTS) 2>/dev/null | grep --quiet . || scripts/system-packages fonts-wqy-microhei || \
		echo "Going on without a Chinese font: everything works but PDF files of Chinese, Japanese or Korean text."

# Two fifths of the work of opening a page go into a window that nobody sees: the headless shell has none. Ubuntu lacks it.
test-needs: setup-dev
	@scripts/system-packages $(TEST_PACKAGES)
	@command -v chromium-headless-shell >/dev/null || scripts/system-packages chromium-headless-shell || \
		echo "Going on without Chromium's headless shell: the browser tests take longer."

# Two processes, each of which runs whole files. One that crashes ends the run: after a restart pytest-xdist would never end.
IN_TWO := --numprocesses 2 --dist loadfile --max-worker-restart 0

test: test-needs  ## Run the tests (ARGS="tests/notes -x" selects some)
	$(PY) -m pytest -m "not long and not container and not real" $(IN_TWO) --no-loadscope-reorder $(ARGS)

test-long: test-needs  ## Run the tests that take longer
	$(PY) -m pytest -m "long and not container and not real" $(ARGS)

fuzz: setup-dev  ## Fuzz the parsers of foreign documents, a minute each (ARGS="feed --seconds 600")
	$(PY) -W ignore -m tests.fuzz $(ARGS)

test-container: test-needs  ## Build the image and test it with a real container engine, in short
	scripts/container-engine base
	@$(PY) -m pytest -m "container and not long" $(IN_TWO) tests/container $(ARGS); \
		status=$$?; scripts/container-engine stop; exit $$status

test-container-long: test-needs  ## The long form: both targets, kills, podman, the proxy
	$(PY) -m pytest -m container tests/container $(ARGS)

# If no package index answers (3), the tests that need the models are skipped, with a message.
real-models: setup-dev
	@$(PY) -m scripts.real_models || [ $$? = 3 ]

# CASTMIND_TEST_OLLAMA=http://127.0.0.1:11434 includes the tests with a real Ollama (tests/real/ollama).
test-real: test-needs real-models  ## Transcribe recordings of real voices with real speech models, about ten minutes on two cores
	$(PY) -m pytest -m real tests/real $(ARGS)

test-real-short: test-needs real-models  ## The short form: about three minutes of audio
	$(PY) -m pytest -m "real and short" tests/real $(ARGS)

lint: setup-dev  ## Lint, and check formatting, types, shell scripts and the Dockerfile
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	@scripts/lint-files

format: setup-dev  ## Format the code and apply the linter's automatic fixes
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

docs: setup-dev  ## Regenerate docs/settings.md, .env.template, the compose files' list and the tables of the architecture
	$(PY) -m scripts.settings_doc
	$(PY) -m scripts.folder_table
	$(PY) -m scripts.env_template

pictures: test-needs  ## Retake the README's pictures of the real app
	$(PY) -m scripts.pictures

bench: test-needs  ## Run the benchmarks on this machine (docs/benchmarks.md lists them)
	$(PY) -m bench $(ARGS)

test-kills: test-needs  ## kill -9, a thousand times (KILLS=1000); goes on where it was broken off
	$(PY) -m bench.kills --kills $(or $(KILLS),1000) $(ARGS)

soak: test-needs  ## Leave it running and print what grows (HOURS=24, ARGS="--folder DIR")
	$(PY) -m bench.soak --hours $(or $(HOURS),24) $(ARGS)

mutate: setup-dev  ## Run mutation tests of the pure modules (ARGS="core/domain/feeds/polling.py --sample 0" tries every mutant)
	@$(PY) -m scripts.mutate $(ARGS)

lock: setup-dev  ## Pin requirements*.in again (ARGS=--upgrade takes newer versions)
	@scripts/lock $(ARGS)

sbom: setup-dev  ## List CastMind's components in artifacts/sbom.cdx.json (CycloneDX)
	@$(PY) -m scripts.sbom

audit: setup-dev  ## Scan the pinned packages for known vulnerabilities
	@$(PY) -m scripts.audit

clean:  ## Remove .venv and caches; keep data/
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache build artifacts
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
