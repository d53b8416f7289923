# Everything a person types: `make run` starts the portal, `make test` tests it. `make help` lists the rest.
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input install --quiet --require-hashes --only-binary :all:
UV ?= uv
COMPILE = $(UV) pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet $(UPGRADE)

.PHONY: help run setup test lint types bench golden messages screenshot parser-lock lock clean
.DEFAULT_GOAL := help

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' Makefile | expand -t 14

run: $(VENV)/.runs ## start the portal on http://127.0.0.1:8000 (another port: PORT=8001 make run)
	@exec $(BIN)/python manage.py stack

setup: $(VENV)/.runs ## only install, into .venv/

test: $(VENV)/.tests ## all tests, browser tests included (without a browser: BROWSER=none make test)
	@BIN=$(BIN) sh tests/run.sh

lint: $(VENV)/.tests ## linters, types, import contracts, migrations, catalogues
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .
	$(BIN)/lint-imports
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python manage.py check --fail-level WARNING

bench: $(VENV)/.tests ## measure captures against other programs, pages and texts (LARGE=--large: 5 million packets)
	$(BIN)/python -m tests.bench $(LARGE)

golden: $(VENV)/.tests ## write the golden reports anew; read the difference
	$(BIN)/python -m pytest tests -m golden -n 0 --write-golden

parser-lock: $(VENV)/.tests ## note the parsers' code and versions (tests/house/parser_versions.json)
	$(BIN)/python -m tests.house.parser_code $(SAME)

screenshot: $(VENV)/.tests ## take the README's picture anew
	$(BIN)/python -m tests.browser.screenshot

messages: $(VENV)/.tests ## collect the pages' words and compile the catalogues (no system gettext needed)
	$(BIN)/python -m tests.house.catalogues

lock: ## compile requirements*.txt from requirements*.in (needs uv; newest versions of all: UPGRADE=--upgrade make lock)
	$(COMPILE) requirements.in --output-file requirements.txt
	$(COMPILE) --constraint requirements.txt requirements-dev.in --output-file requirements-dev.txt

clean: ## remove what setup and tests made; var/ with its data stays
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache test-results

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Python 3.11 or newer is needed; $(PYTHON) is $$($(PYTHON) -V 2>&1). Name another one: PYTHON=python3.12 make run" >&2; exit 1; }
	@echo "Creating the environment in $(VENV)/ …"
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
	  echo "The venv module is missing: install it (Debian: apt-get install python3-venv)" >&2; exit 1; }

$(VENV)/.runs: requirements.txt | $(BIN)/python
	@echo "Installing the packages of requirements.txt (the first time takes a minute) …"
	@$(PIP) -r requirements.txt
	@touch $@

$(VENV)/.tests: requirements-dev.txt | $(VENV)/.runs
	@echo "Installing what the tests need …"
	@$(PIP) -r requirements-dev.txt
	@touch $@
