# What a person does with this checkout. `make run` and `make test` need Python >= 3.11, make and git, and make the rest.
#   PORT=8000          where the pages are served          PYTHON=python3.12   which Python makes the environment
#   MULTICLOUD_HOME=…  all state (default ./var)           VENV=…              the environment (default ./.venv)

MULTICLOUD_HOME ?= $(CURDIR)/var
export MULTICLOUD_HOME
# A checkout that cannot be written may bring its environment along; else it lies with the state.
VENV ?= $(shell if [ -w "$(CURDIR)" ] || [ -e "$(CURDIR)/.venv/multicloud.json" ]; then echo "$(CURDIR)/.venv"; \
	else echo "$(MULTICLOUD_HOME)/venv"; fi)
BIN := $(VENV)/bin
# Python writes no bytecode into a read-only checkout and would compile it at each start.
export PYTHONPYCACHEPREFIX ?= $(shell [ -w "$(CURDIR)" ] || echo "$(MULTICLOUD_HOME)/pycache")
export PYTHON
WORKERS ?= 2
ONLY ?=
DIR ?=

.PHONY: help run test check conformance recordings bench crash mutants demo browser environment dev-environment

help:
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/'

environment:
	@setup/python setup/environment.py "$(VENV)" run

dev-environment:
	@setup/python setup/environment.py "$(VENV)" dev

run: environment ## start web, worker, scheduler and sandbox, and print the address and the sign-in
	@exec "$(BIN)/python" -m multicloud_site.supervisor --die-with-parent

test: dev-environment ## run every test but those that need a browser
	@"$(BIN)/python" -m pytest -n $(WORKERS) -m "not browser"

browser: dev-environment ## run the tests that need Chromium
	@"$(BIN)/python" -m pytest -m browser

check: dev-environment ## lint, types, import contracts, templates, migrations, deployment settings
	"$(BIN)/ruff" format --check .
	"$(BIN)/ruff" check .
	"$(BIN)/mypy"
	"$(BIN)/lint-imports"
	"$(BIN)/djlint" --quiet --check templates
	"$(BIN)/djlint" --quiet --lint templates
	@setup/with-production-settings "$(BIN)/python" manage.py makemigrations --check --dry-run
	@setup/with-production-settings "$(BIN)/python" manage.py check --deploy --fail-level WARNING

conformance: dev-environment ## every kind and verb against the sandbox
	@"$(BIN)/python" -m tests.conformance

recordings: dev-environment ## recorded answers of DIR through the drivers
	@"$(BIN)/python" -m tests.recordings $(if $(DIR),"$(DIR)",$(error name the folder: make recordings DIR=…))

bench: dev-environment ## measure against floors and peers; ONLY=name measures one
	@"$(BIN)/python" -m tests.bench $(ONLY)

crash: dev-environment ## SIGKILL at every journal point of every changing verb, and again during recovery
	@"$(BIN)/python" -m tests.crash

mutants: dev-environment ## planted bugs, each of which must turn the tests red
	@"$(BIN)/python" -m tests.mutants

demo: environment ## reset the demonstration estate of the running product, and have it read again
	@"$(BIN)/paas-cli" demo reset
