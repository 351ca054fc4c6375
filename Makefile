# Every target does its own set-up, in a virtual environment inside this folder.

PYTHON ?= python3
VENV ?= .venv
# Options of the server: make run ARGS="--port 0"
ARGS ?=

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -q
# The plugin in twisted/plugins is only found where setuptools puts this folder on the path.
EDITABLE := --config-settings editable_mode=compat -c constraints.txt -e
SOURCES := pyproject.toml setup.cfg constraints.txt
OLD_GENAI := .venvs/google-genai-1.51.0

.DEFAULT_GOAL := help
.PHONY: help run lint test test-unit test-system bench tiny-model tiny-evaluate poppler clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/.run poppler ## install what is needed and serve on http://localhost:8090
	$(BIN)/twistd -n --pidfile= localaik $(ARGS)

test: lint $(VENV)/.test $(OLD_GENAI)/.done poppler ## lint, and all tests
	$(BIN)/python -m pytest

test-unit: $(VENV)/.test ## the tests that start no process
	$(BIN)/python -m pytest --ignore=tests/system

test-system: $(VENV)/.test $(OLD_GENAI)/.done poppler ## the tests with real processes, llama.cpp and SDKs
	$(BIN)/python -m pytest tests/system

lint: $(VENV)/.test ## ruff, mypy --strict and the import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.test ## measure localaik against the model server alone
	$(BIN)/python bench/chat.py
	$(BIN)/python bench/pdf.py

TRAIN := .venvs/train
SEED ?= 1

tiny-model: $(TRAIN)/.done ## train the bundled model anew (hours)
	$(TRAIN)/bin/python models/tiny/projector.py
	$(TRAIN)/bin/python models/tiny/train.py
	$(TRAIN)/bin/python models/tiny/card.py

tiny-evaluate: $(TRAIN)/.done ## measure the bundled model's skills
	$(TRAIN)/bin/python models/tiny/evaluate.py --seed $(SEED)

$(TRAIN)/.done: models/tiny/requirements.txt
	$(PYTHON) -m venv $(TRAIN)
	$(TRAIN)/bin/python -m pip --disable-pip-version-check -q install -r models/tiny/requirements.txt
	@touch $@

poppler:
	@sh scripts/ensure-poppler.sh

clean: ## remove what the other targets made
	rm -rf $(VENV) .venvs build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: $(BIN)/python $(SOURCES)
	$(PIP) install $(EDITABLE) .
	@touch $@

$(VENV)/.test: $(BIN)/python $(SOURCES)
	$(PIP) install $(EDITABLE) '.[test,lint,release]'
	@touch $@ $(VENV)/.run

# Users stay on old SDKs; two versions of one package need two environments.
$(OLD_GENAI)/.done: constraints.txt
	$(PYTHON) -m venv $(OLD_GENAI)
	$(OLD_GENAI)/bin/python -m pip --disable-pip-version-check -q install google-genai==1.51.0
	@touch $@
