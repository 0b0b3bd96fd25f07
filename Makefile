# Everything a newcomer types. `make help` lists it.

.DEFAULT_GOAL := help
SHELL := /bin/sh
.SHELLFLAGS := -eu -c
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
AIRTIDE := $(BIN)/airtide
PYTHON ?=
UV_COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --custom-compile-command "make lock"

.PHONY: help
help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: setup ## install, start everything with two simulated days behind it, show yesterday's ranking
	@$(AIRTIDE) demo

.PHONY: test
test: setup-dev ## install, then run every test on real services of its own
	@$(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

.PHONY: bench
bench: setup-dev ## measure what has a target, on services of its own; SUITE=collect runs one suite, MEASURE=parsing what has that in its name
	@$(BIN)/python -m tests.benchmarks $(if $(SUITE),--suite "$(SUITE)") $(if $(MEASURE),--measure "$(MEASURE)")

.PHONY: chaos
chaos: setup-dev ## break landings at every point in every way, on services of its own, and ask the oracle
	@$(BIN)/python -m tests.chaos

.PHONY: setup
setup: $(VENV)/.requirements ## install what running needs: .venv and the jars of Kafka and the S3 server
	@sh scripts/require_java.sh
	@$(AIRTIDE) fetch-jars

.PHONY: setup-dev
setup-dev: $(VENV)/.requirements-dev ## install what tests and checks need as well
	@sh scripts/require_java.sh
	@sh scripts/require_chromium.sh
	@sh scripts/fetch_gcs_server.sh
	@$(AIRTIDE) fetch-jars

.PHONY: up
up: setup ## start everything, without a past
	@$(AIRTIDE) up

.PHONY: down
down: ## land what waits, then stop everything
	@if [ -x $(AIRTIDE) ]; then $(AIRTIDE) down; else echo "nothing is installed, so nothing runs"; fi

.PHONY: status
status: setup ## show what runs
	@$(AIRTIDE) status

.PHONY: check
check: setup-dev ## formatting, lint, layers, types, and requirements in step with their sources
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/lint-imports
	@$(BIN)/mypy
	@for name in requirements requirements-dev requirements-gcs; do \
		cp $$name.txt $(VENV)/$$name.txt; \
		$(UV_COMPILE) $$name.in --output-file $(VENV)/$$name.txt \
			$$([ $$name != requirements-gcs ] || echo --constraint requirements.txt); \
		cmp -s $$name.txt $(VENV)/$$name.txt || { echo "$$name.txt is not what $$name.in says: run make lock" >&2; exit 1; }; \
	done

.PHONY: lock
lock: setup-dev ## compile every requirements….in, keeping the versions that still fit
	@$(UV_COMPILE) requirements.in --output-file requirements.txt
	@$(UV_COMPILE) requirements-dev.in --output-file requirements-dev.txt
	@$(UV_COMPILE) requirements-gcs.in --constraint requirements.txt --output-file requirements-gcs.txt

.PHONY: env
env: setup ## write the secrets of Docker Compose into .env
	@$(AIRTIDE) compose-env

$(VENV)/.requirements: requirements.txt requirements.in pyproject.toml | $(VENV)/.uv
	@sh scripts/install.sh requirements.txt
	@touch $@

$(VENV)/.requirements-dev: requirements-dev.txt requirements-dev.in requirements-gcs.in $(VENV)/.requirements
	@sh scripts/install.sh requirements-dev.txt
	@touch $@

$(VENV)/.uv:
	@PYTHON="$(PYTHON)" sh scripts/make_venv.sh
	@touch $@
