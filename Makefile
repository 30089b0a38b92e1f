# `make` alone lists the targets. Written for GNU make 3.81 and later.
PYTHON ?= python3
VENV := .venv
VENV_NER := .venv-ner
VENV_LOCK := .venv-lock
UV_VERSION := 0.13.9
BENCH ?= ingest
BENCH_VENV := $(if $(filter ner,$(BENCH)),$(VENV_NER),$(VENV))

PIP_FLAGS := --quiet --disable-pip-version-check --no-input
COMPILE := $(VENV_LOCK)/bin/uv pip compile --quiet --universal --python-version 3.11 --upgrade \
	--annotation-style line --custom-compile-command "make lock"

# One plain line instead of a traceback from the depths of an install.
define CHECK_PYTHON
@command -v $(PYTHON) >/dev/null || { echo "naba needs Python 3.11, 3.12 or 3.13: no '$(PYTHON)' here. Name one: make PYTHON=/path/to/python3.12" >&2; exit 1; }
@$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info[:2] <= (3, 13) else "naba needs Python 3.11, 3.12 or 3.13; $(PYTHON) is %d.%d. Name another: make PYTHON=python3.12" % sys.version_info[:2])'
@$(PYTHON) -c 'import sys, importlib.util as u; sys.exit(0 if u.find_spec("ensurepip") else "$(PYTHON) cannot make environments: install its venv module (on Debian and Ubuntu: python3-venv)")'
endef

.PHONY: help demo test check lint bench setup setup-bench setup-ner test-ner lock clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

demo: setup  ## ingest the sample news and show what came of it (out/demo)
	$(VENV)/bin/python -m pipelines.demo

test: setup  ## run every test
	$(VENV)/bin/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder

check: lint test  ## all that must pass before a commit

lint: setup  ## ruff, mypy --strict, and the registry of actors
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/python -m pipelines.cli actors --check

bench: $(BENCH_VENV)/.naba  ## measure: make bench BENCH=ingest (a module of benchmarks/)
	$(BENCH_VENV)/bin/python -m benchmarks.$(BENCH)

setup: $(VENV)/.naba  ## make .venv from the locks: light, without torch

setup-bench: setup  ## add to .venv what deduplication is measured beside: make bench BENCH=deduplicate
	$(VENV)/bin/python -m pip install $(PIP_FLAGS) --no-deps -r requirements/bench.lock

setup-ner: $(VENV_NER)/.naba  ## make .venv-ner: all that camel-tools declares (2 GB and more)

test-ner: setup-ner  ## run the tests that need the full environment
	$(VENV_NER)/bin/python -m pytest -m ner

# --clear: an environment holds what the locks say and nothing that an older lock left behind.
# --no-deps: the lock is complete, and camel-tools' own list would pull in gigabytes.
$(VENV)/.locks: requirements/base.lock requirements/dev.lock
	$(CHECK_PYTHON)
	@echo "Installing requirements/base.lock and dev.lock into $(VENV) (about a minute, once)"
	@$(PYTHON) -m venv --clear $(VENV)
	@$(VENV)/bin/python -m pip install $(PIP_FLAGS) --only-binary :all: --no-deps -r requirements/base.lock -r requirements/dev.lock
	@touch $@

# Dependencies are on here: the CUDA build of torch, where the index has no other, brings libraries that no
# lock for both builds can name. All else is pinned.
$(VENV_NER)/.locks: requirements/ner.lock requirements/dev.lock
	$(CHECK_PYTHON)
	@echo "Installing requirements/ner.lock and dev.lock into $(VENV_NER) (minutes, once)"
	@$(PYTHON) -m venv --clear $(VENV_NER)
	@$(VENV_NER)/bin/python -m pip install $(PIP_FLAGS) -r requirements/ner.lock -r requirements/dev.lock
	@touch $@

$(VENV)/.naba $(VENV_NER)/.naba: %/.naba: %/.locks setup.py
	@$*/bin/python -m pip install $(PIP_FLAGS) --no-deps --no-build-isolation --editable .
	@touch $@

lock:  ## resolve setup.py and requirements/*.in anew into requirements/*.lock
	$(CHECK_PYTHON)
	$(PYTHON) -m venv --clear $(VENV_LOCK)
	$(VENV_LOCK)/bin/python -m pip install $(PIP_FLAGS) --no-deps uv==$(UV_VERSION)
	$(COMPILE) --excludes requirements/light.excludes setup.py requirements/base.in -o requirements/base.lock
	$(COMPILE) -c requirements/base.lock requirements/dev.in -o requirements/dev.lock
	$(COMPILE) -c requirements/base.lock -c requirements/dev.lock requirements/bench.in -o requirements/bench.lock
	$(COMPILE) --excludes requirements/cuda.excludes -c requirements/base.lock -c requirements/dev.lock \
		setup.py requirements/base.in requirements/ner.in -o requirements/ner.lock

clean:  ## remove what make made: environments, caches, builds, out/demo
	rm -rf $(VENV) $(VENV_NER) $(VENV_LOCK) out/demo build dist naba.egg-info
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
