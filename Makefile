# `make run LIBRARY=/path/to/music` and `make test` make what they need in .venv and start at once
# when nothing has changed. Without LIBRARY, `make run` composes a small one first. `sudo make install` and `make uninstall` are for the service.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP_INSTALL := -m pip install --quiet --constraint constraints.txt

PREFIX ?= /usr/local
SYSCONFDIR ?= /etc
APP := $(PREFIX)/lib/harmonie
LINK := $(PREFIX)/bin/harmonie
CONFIG := $(SYSCONFDIR)/harmonie
UNIT := $(SYSCONFDIR)/systemd/system/harmonie.service
STATE := /var/lib/harmonie

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore
export LIBRARY

.PHONY: run test lint types imports pytest format clean help upgrade
.PHONY: install uninstall install-app install-files install-service

help:
	@echo "make run LIBRARY=/path/to/music   install into $(VENV) and start the daemon"
	@echo "make run                          the same, on a small library that it composes first"
	@echo "sudo make install                 install or upgrade the service; make uninstall removes it"
	@echo "make test                         lint, types, import contract, tests"
	@echo "make format | upgrade | clean"

run: $(VENV)/.installed
	@if test -n "$$LIBRARY"; then export HARMONIE_LIBRARIES="$$LIBRARY"; fi; exec $(BIN)/harmonie serve --demo

test: lint types imports pytest

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.installed-dev
	$(BIN)/mypy
	$(BIN)/mypy --package integrations.generate
	MYPYPATH=integrations/python-client/src $(BIN)/mypy --package harmonie_client

imports: $(VENV)/.installed-dev
	$(BIN)/lint-imports

pytest: $(VENV)/.installed-dev
	$(BIN)/pytest -n 2 --dist loadfile

format: $(VENV)/.installed-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

# The newest releases that pyproject.toml allows become the tested ones: `make test` comes next.
upgrade:
	rm -rf $(VENV)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --editable '.[dev,evaluate]'
	{ sed '/^#/!d' constraints.txt; $(BIN)/python -m pip freeze --exclude-editable | grep '=='; } >constraints.new
	mv constraints.new constraints.txt
	@touch $(VENV)/.installed $(VENV)/.installed-dev

CHECK_PYTHON = @$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	{ echo "Python 3.11 or newer is needed; name it with PYTHON=..." >&2; exit 1; }

$(VENV)/bin/pip:
	$(CHECK_PYTHON)
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml constraints.txt | $(VENV)/bin/pip
	$(BIN)/python $(PIP_INSTALL) --editable .
	@touch $@

$(VENV)/.installed-dev: pyproject.toml constraints.txt | $(VENV)/bin/pip
	$(BIN)/python $(PIP_INSTALL) --editable '.[dev]'
	@touch $@ $(VENV)/.installed

# --- the service -------------------------------------------------------------------------------
# Safe to repeat; an upgrade is the same command. Configuration and data are never touched. With
# DESTDIR everything is put below it, and no user is made and nothing started.

install: install-app install-files install-service

install-app:
	$(CHECK_PYTHON)
	@test -n "$(DESTDIR)" || test "$$(id -u)" = 0 || { echo "this needs root: sudo make install" >&2; exit 1; }
	umask 022; $(PYTHON) -m venv $$(test "$$('$(DESTDIR)$(APP)/bin/python' -V 2>&1)" = "$$($(PYTHON) -V)" || echo --clear) '$(DESTDIR)$(APP)'
	umask 022; '$(DESTDIR)$(APP)/bin/python' $(PIP_INSTALL) .
	@test -z "$(DESTDIR)" || find '$(DESTDIR)$(APP)/bin' -type f -exec sed -i 's|$(DESTDIR)$(APP)|$(APP)|g' {} +

install-files:
	@install -d '$(DESTDIR)$(CONFIG)' '$(DESTDIR)$(dir $(UNIT))' '$(DESTDIR)$(dir $(LINK))'
	@ln -sfn '$(APP)/bin/harmonie' '$(DESTDIR)$(LINK)'
	@sed 's|^ExecStart=[^ ]*|ExecStart=$(APP)/bin/harmonie|' systemd/harmonie.service >'$(DESTDIR)$(UNIT)'
	@install -m 644 config.example.toml '$(DESTDIR)$(CONFIG)/config.example.toml'
	@test -e '$(DESTDIR)$(CONFIG)/config.toml' || awk "$$FIRST_CONFIG" config.example.toml >'$(DESTDIR)$(CONFIG)/config.toml'
	@test -e '$(DESTDIR)$(CONFIG)/environment' || { umask 077; echo '# HARMONIE_API_KEY=' >'$(DESTDIR)$(CONFIG)/environment'; }
	@chmod 644 '$(DESTDIR)$(UNIT)' '$(DESTDIR)$(CONFIG)/config.toml'

# The example with the service's folder, so that the commands know it too, and LIBRARY if given.
define FIRST_CONFIG
BEGIN { music = ENVIRON["LIBRARY"]; gsub(/[\\"]/, "\\\\&", music) }
/^# data_dir = / { print "data_dir = \"$(STATE)\""; next }
/^libraries = / && music { print "libraries = \"" music "\""; next }
{ print }
endef
export FIRST_CONFIG

install-service:
ifeq ($(DESTDIR),)
	@getent passwd harmonie >/dev/null || useradd --system --user-group --home-dir $(STATE) --no-create-home --shell /usr/sbin/nologin harmonie
	@if test -d /run/systemd/system; then \
	    systemctl daemon-reload && systemctl enable --quiet harmonie && systemctl restart harmonie; \
	else echo "systemd does not run here; start it with: $(LINK) serve"; fi
	@echo "harmonie is installed; its settings: $(CONFIG)/config.toml, then systemctl restart harmonie"
endif

uninstall:
ifeq ($(DESTDIR),)
	@test "$$(id -u)" = 0 || { echo "this needs root: sudo make uninstall" >&2; exit 1; }
	@if test -d /run/systemd/system && test -e '$(UNIT)'; then systemctl disable --quiet --now harmonie; fi
endif
	@rm -rf '$(DESTDIR)$(APP)'
	@rm -f '$(DESTDIR)$(LINK)' '$(DESTDIR)$(UNIT)' '$(DESTDIR)$(CONFIG)/config.example.toml'
ifeq ($(DESTDIR),)
	@if test -d /run/systemd/system; then systemctl daemon-reload; fi
	@echo "removed; $(CONFIG), $(STATE) and the user harmonie are kept"
endif
