# One place for everything a person runs. `make` alone lists the targets.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
.DELETE_ON_ERROR:

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
SAM := SAM_CLI_TELEMETRY=0 .venv-local/bin/sam
PIP_INSTALL := -m pip install --quiet --quiet --disable-pip-version-check --no-warn-conflicts --root-user-action=ignore

# What `make deploy` deploys, and where; for example: make deploy STAGE=prod
STAGE ?= dev
RUNTIME ?= python3.14
ARCHITECTURE ?= arm64
PARAMETERS ?=
WATCH_PARAMETERS ?=
RELEASE = $(shell git describe --always --dirty 2>/dev/null || echo unreleased)

say = @printf '\033[1m▸ %s\033[0m\n' "$(1)"

.PHONY: help
help: ## This list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1	\2/' | expand -t 24

.PHONY: demo
demo: .venv/ready .venv-local/ready ## The whole product on this machine, with sample leads (ARGS=--once ends by itself)
	@$(BIN)/python -m leadrelay.local.demo $(ARGS)

.PHONY: test
test: check .venv-local/ready ## Everything CI runs
	$(call say,Tests)
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder --max-worker-restart=0 -m "not e2e and not simulation" $(ARGS)
	$(call say,Simulation)
	@$(BIN)/python -m pytest tests/simulation -m simulation $(ARGS)
	$(call say,The template on the local cloud)
	@$(BIN)/python -m pytest tests/e2e -m e2e $(ARGS)

.PHONY: check
check: .venv/ready | build ## The fast gate: style, types, import arrows, generated documents
	$(call say,Style)
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --check --quiet
	$(call say,Types)
	@$(BIN)/mypy
	$(call say,Import arrows)
	@$(BIN)/lint-imports > build/lint-imports.txt || { cat build/lint-imports.txt; exit 1; }
	$(call say,Generated documents)
	@$(BIN)/leadrelay docs --check

.PHONY: bench
bench: .venv/ready ## How fast, and how many AWS calls and write units per lead
	@$(BIN)/python -m bench $(ARGS)

SEEDS ?= 200000

.PHONY: simulate
simulate: .venv/ready ## Many more simulated histories than CI runs (SEEDS=200000 ARGS="--from 0 --jobs 2")
	@$(BIN)/python -m tests.simulation --seeds $(SEEDS) $(ARGS)

.PHONY: deploy
deploy: .venv/ready .venv-local/ready build/rules.json build/athena.json ## To AWS, with your own credentials (STAGE=dev RUNTIME=python3.14 ARCHITECTURE=arm64)
	$(call say,Building for $(RUNTIME) on $(ARCHITECTURE))
	@LEADRELAY_TARGET=$(RUNTIME)/$(ARCHITECTURE) $(SAM) build
	$(call say,Deploying leadrelay-$(STAGE))
	@$(SAM) deploy --stack-name leadrelay-$(STAGE) --parameter-overrides Stage=$(STAGE) Runtime=$(RUNTIME) \
	  Architecture=$(ARCHITECTURE) Release=$(RELEASE) $(PARAMETERS)
	@$(BIN)/leadrelay rules deploy --stage $(STAGE) --only-first
	@$(SAM) deploy --language-extensions --template-file infra/watch.yaml --stack-name leadrelay-$(STAGE)-watch \
	  --parameter-overrides Stage=$(STAGE) $(WATCH_PARAMETERS)

.PHONY: deploy-rules
deploy-rules: .venv/ready ## Checks infra/rules and rolls them out (STAGE=dev)
	@$(BIN)/leadrelay rules deploy --stage $(STAGE) $(ARGS)

.PHONY: clean
clean: ## Removes what builds and test runs left, and both environments
	@rm -rf .aws-sam build dist .venv .venv-local .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# ---- what the targets above need

.venv/ready: requirements/dev.txt requirements/constraints.txt pyproject.toml
	$(call say,Installing the project into .venv (a minute on the first run))
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python $(PIP_INSTALL) -r requirements/dev.txt
	@$(BIN)/python $(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

.venv-local/ready: requirements/local.txt
	$(call say,Installing the local cloud into .venv-local (a minute on the first run))
	@test -x .venv-local/bin/python || $(PYTHON) -m venv .venv-local
	@.venv-local/bin/python $(PIP_INSTALL) -r requirements/local.txt
	@touch $@

build:
	@mkdir -p $@

# The rules that a function falls back to when it starts while AppConfig cannot be reached.
build/rules.json: .venv/ready $(wildcard infra/rules/*.yaml) | build
	@$(BIN)/leadrelay rules compile --output $@

# What Athena is asked: the statements of the base tables in its own words.
build/athena.json: .venv/ready $(wildcard leadrelay/reports/base/*) leadrelay/domain/reporting/row.py infra/build/athena.py | build
	@$(BIN)/python -m infra.build.athena $@

# `sam build` calls this once per function; LEADRELAY_TARGET says for which machine (none: this one).
build-%:
	@$(firstword $(wildcard $(BIN)/python) $(PYTHON)) infra/build/package.py $* "$(ARTIFACTS_DIR)"
