# Needs make and Python 3.11, 3.12 or 3.13; everything else is set up in .venv.
# Another Python than the first one found: make run PYTHON=python3.12

SHELL := /bin/sh
PYTHON ?=
BIN := .venv/bin
SAMPLE := samples/automobile_price.pipeline.json

.PHONY: run test setup lint docs bench

run: setup
	@$(BIN)/designer $(SAMPLE)

test: export QT_QPA_PLATFORM := offscreen
test: lint
	@$(BIN)/python -m pytest -n 2 --dist loadfile

setup:
	@PYTHON="$(PYTHON)" sh tools/setup.sh

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: setup
	@$(BIN)/python tools/docs.py

bench: export QT_QPA_PLATFORM := offscreen
bench: setup
	@for file in benchmarks/[a-z]*.py; do echo "== $$file"; $(BIN)/python "$$file" || exit 1; done
