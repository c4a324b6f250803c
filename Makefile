# Everything runs in .venv, made once from requirements.lock with python3 -m venv and pip alone.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.made-from-lock
JOBS ?= 2
PYTEST := $(BIN)/python -m pytest
PARALLEL := -n $(JOBS) --dist worksteal

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PYTHONUTF8 := 1

.DEFAULT_GOAL := help
.PHONY: help env book test test-all test-book lint lab bench lock clean
.DELETE_ON_ERROR:

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

env: $(STAMP) ## Make the environment in .venv (the others do this first)

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' || { \
	  echo "nemogrid needs Python 3.11, 3.12 or 3.13, but $(PYTHON) is $$($(PYTHON) --version 2>&1)." >&2; \
	  echo "Name another one: make env PYTHON=python3.11" >&2; exit 1; }
	@echo "Making $(VENV) from requirements.lock (a few minutes, once) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --no-deps -r requirements.lock
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@$(BIN)/python -m pip check
	@touch $@

book: $(STAMP) ## Run every chapter and build the book
	$(BIN)/python tools/read_simbench.py
	$(BIN)/jupyter-book build book -n -W --keep-going --all
	@echo "The book is at file://$(CURDIR)/_build/html/index.html"

lint: $(STAMP) ## Check style, types and layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

test: lint ## Check style, types and layers, then run the tests
	$(PYTEST) $(PARALLEL)

test-all: lint ## The same with the tests that take long
	$(PYTEST) $(PARALLEL) -m "not browser"

test-book: $(STAMP) ## Open the built book in Chromium and look for faults
	$(PYTEST) -m browser tests/test_book_browser.py

lab: $(STAMP) ## Open the chapters in JupyterLab
	@JUPYTER_CONFIG_DIR=$(VENV)/etc/jupyter $(BIN)/jupytext-config set-default-viewer
	$(BIN)/jupyter lab book

bench: $(STAMP) ## Measure times and memory
	$(BIN)/python -m bench

lock: ## Remake requirements.lock from pyproject.toml (keeps what still fits)
	@test -x $(BIN)/uv || $(MAKE) env
	$(BIN)/uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 \
	  --no-annotate --no-header --no-emit-index-url --quiet -o requirements.lock

clean: ## Remove what was built and the environment
	rm -rf $(VENV) _build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
