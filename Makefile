# Two commands: `make run LIBRARY=/path/to/music` and `make test`. Both make what they need in
# .venv and start at once when nothing has changed.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: run test lint types imports pytest format clean help

help:
	@echo "make run LIBRARY=/path/to/music   install into $(VENV) and start the daemon"
	@echo "make test                         lint, types, import contract, tests"
	@echo "make format | clean"

run: $(VENV)/.installed
	@test -n "$(LIBRARY)$$HARMONIE_LIBRARIES" || { echo "say which music: make run LIBRARY=/path/to/music" >&2; exit 2; }
	@HARMONIE_LIBRARIES="$(or $(LIBRARY),$$HARMONIE_LIBRARIES)" exec $(BIN)/harmonie serve

test: lint types imports pytest

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.installed-dev
	$(BIN)/mypy

imports: $(VENV)/.installed-dev
	$(BIN)/lint-imports

pytest: $(VENV)/.installed-dev
	$(BIN)/pytest -n 2 --dist loadgroup

format: $(VENV)/.installed-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(VENV)/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; name it with PYTHON=..." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml | $(VENV)/bin/pip
	$(BIN)/pip install --quiet --editable .
	@touch $@

$(VENV)/.installed-dev: pyproject.toml | $(VENV)/bin/pip
	$(BIN)/pip install --quiet --editable '.[dev]'
	@touch $@ $(VENV)/.installed
