# Needs make and Python 3.11, 3.12 or 3.13; everything else is set up in .venv.
# Another Python than the first one found: make run PYTHON=python3.12

SHELL := /bin/sh
PYTHON ?=
BIN := .venv/bin
SAMPLE := samples/automobile_price.pipeline.json

.PHONY: run test setup lint docs bench

run: setup
	@$(BIN)/designer $(SAMPLE)

# Both go on after a failure, so that one run shows everything; the tests have the last word.
# The window's tests have processes of their own: nothing else may thread or crash in them.
PYTEST := $(BIN)/python -m pytest -n 2 --dist loadfile --max-worker-restart 0

test: export QT_QPA_PLATFORM := offscreen
test: setup
	@status=0; \
	$(MAKE) --no-print-directory lint || status=1; \
	$(PYTEST) --ignore tests/app || status=1; \
	$(PYTEST) tests/app || status=1; \
	exit $$status

setup:
	@PYTHON="$(PYTHON)" sh tools/setup.sh

lint: setup
	@status=0; \
	for check in "ruff check ." "ruff format --check ." mypy lint-imports; do \
		echo "== $$check"; $(BIN)/$$check || status=1; \
	done; \
	exit $$status

docs: setup
	@$(BIN)/python tools/docs.py

bench: export QT_QPA_PLATFORM := offscreen
bench: setup
	@for file in benchmarks/[a-z]*.py; do echo "== $$file"; $(BIN)/python "$$file" || exit 1; done
