# The front door. `make` alone lists what it can do; the work itself is in `invoke`.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export VIRTUAL_ENV := $(CURDIR)/$(VENV)
READY := $(VENV)/.ready
# Where it is set, every command would compile all of its packages again: two seconds.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup demo down test check faults mutants bench conformance soak lock lock-clients lock-airflow docs clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## Make the environment, and nothing else

demo: $(READY) ## Take the example model from its SQL script to a live endpoint, and ask it
	@$(BIN)/invoke demo

down: $(READY) ## End the local stack; what it stored is kept
	@$(BIN)/invoke local.down

test: $(READY) ## Set everything up and run every test, each part in an environment of its own
	@$(BIN)/tox run --notest
	@$(BIN)/tox run --skip-pkg-install

check: $(READY) ## Lint, types, import contracts and unit tests
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/mypy platform/benchmarks/*.py
	@$(BIN)/lint-imports
	@$(BIN)/invoke docs.check
	@$(BIN)/invoke dag.check
	@$(BIN)/pytest -q -n 2 platform/tests/unit

faults: $(READY) ## Let every operation of the controller meet every fault, on each database
	@$(BIN)/pytest -q -n 2 --dist worksteal platform/tests/integration/faults

mutants: $(READY) ## Take something out of the controller's core, five times: its tests must notice
	@$(BIN)/python platform/tests/acceptance/mutants

bench: $(READY) ## Run the benchmarks of platform/benchmarks and print their ratios
	@$(BIN)/python platform/benchmarks

conformance: $(READY) ## Run the conformance suite in full, every independent client, and the nightly tests
	@$(BIN)/tox run --skip-pkg-install -m nightly

soak: $(READY) ## Kill 200 deploys, and the local SageMaker 200 times on each executor; miss nothing
	@$(BIN)/python platform/tests/acceptance/deploy_soak
	@$(BIN)/python platform/tests/acceptance/soak

lock: $(READY) ## Compile the hashed requirement files again: platform, template, models
	@$(BIN)/uv pip compile -q platform/pyproject.toml --all-extras --universal --python-version 3.11 --generate-hashes --no-header -o platform/requirements.txt
	@$(BIN)/invoke lock

lock-clients: $(READY) ## Compile the hashed requirement files of the independent clients again
	@for file in platform/tests/acceptance/clients/requirements-*.in; do \
		$(BIN)/uv pip compile -q $$file --universal --python-version 3.11 --generate-hashes --no-header -o $${file%.in}.txt || exit 1; \
	done

lock-airflow: $(READY) ## Compile the hashed requirement files of Airflow's side again
	@for file in airflow/requirements*.in; do \
		$(BIN)/uv pip compile -q $$file --universal --python-version 3.11 --generate-hashes --no-header -o $${file%.in}.txt || exit 1; \
	done

docs: $(READY) ## Write the generated pages and schemas again
	@$(BIN)/invoke docs.write

clean: ## Remove the environments and everything the local stack stored
	@if [ -x $(BIN)/invoke ]; then $(BIN)/invoke local.down; fi
	rm -rf $(VENV) .tox .slipway

$(READY): platform/requirements.txt ci/requirements-uv.txt platform/pyproject.toml
	@command -v "$(PYTHON)" > /dev/null || { echo "$(PYTHON) is not found. Name a Python of 3.11 or later: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if v >= (3, 11) else f"Slipway needs Python 3.11 or later; $(PYTHON) is {v[0]}.{v[1]}. Name another: make PYTHON=python3.12")'
	@echo "Setting up $(VENV) …"
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r ci/requirements-uv.txt
	@$(BIN)/uv pip sync -q --require-hashes platform/requirements.txt
	@$(BIN)/uv pip install -q --no-deps --no-build-isolation --editable platform
	@touch $@
