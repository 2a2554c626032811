# Needs make and Python 3.11, 3.12 or 3.13; everything else is set up in .venv.
# Another Python than the first one found: make run PYTHON=python3.12

SHELL := /bin/sh
PYTHON ?=
BIN := .venv/bin
SAMPLE := samples/automobile_price.pipeline.json

.PHONY: run test test-all setup lock lint docs texts bench

run: setup
	@$(BIN)/designer $(SAMPLE)

# Lint and both test runs continue after a failure, so that one run shows everything.
# The window's tests have their own processes: nothing else may start threads or crash in them.
# They often wait, as do those that start servers and programs: make test runs all at once, and
# make test-all only lint beside the window's tests. Processes in the background ignore Ctrl+C.
PYTEST = $(BIN)/python -m pytest --dist loadfile --max-worker-restart 0 -n 2 $(SELECTION)
IN_BACKGROUND = logs=$$(mktemp -d); trap 'trap - INT TERM; rm -rf "$$logs"; kill 0' INT TERM; \
	$(MAKE) --no-print-directory lint >"$$logs/lint" 2>&1 & lint=$$!

test: SELECTION := -m "not long"
test test-all: export QT_QPA_PLATFORM := offscreen
# Some systems forbid it. Every process that a test starts would compile all that it imports.
test test-all: export PYTHONDONTWRITEBYTECODE :=

test: setup
	@status=0; $(IN_BACKGROUND); \
	$(PYTEST) tests/app >"$$logs/window" 2>&1 & window=$$!; \
	$(PYTEST) --ignore tests/app || status=1; \
	wait $$lint || status=1; wait $$window || status=1; \
	cat "$$logs/lint" "$$logs/window"; rm -rf "$$logs"; \
	exit $$status

test-all: setup
	@status=0; $(IN_BACKGROUND); \
	$(PYTEST) tests/app || status=1; \
	wait $$lint || status=1; cat "$$logs/lint"; rm -rf "$$logs"; \
	$(PYTEST) --ignore tests/app || status=1; \
	exit $$status

setup:
	@PYTHON="$(PYTHON)" sh tools/setup.sh

# All extras but vision: PyTorch has another build for each system, some of 3 GB.
EXTRAS = $$($(BIN)/python -c "import tomllib; print(*('--extra=' + name for name in \
	tomllib.load(open('pyproject.toml', 'rb'))['project']['optional-dependencies'] \
	if name != 'vision'))")

# Keeps the versions that are locked, except UPGRADE="numpy scipy". Needs a .venv, even an old one.
lock: export UV_CUSTOM_COMPILE_COMMAND := make lock
lock:
	@$(BIN)/uv pip compile --quiet --system-certs --universal --python-version 3.11 $(EXTRAS) \
		--generate-hashes --no-emit-index-url --no-annotate pyproject.toml \
		--output-file requirements.txt $(addprefix --upgrade-package ,$(UPGRADE))

lint: setup
	@status=0; types=$$(mktemp); \
	$(BIN)/mypy >"$$types" 2>&1 & mypy=$$!; \
	for check in "ruff check ." "ruff format --check ." lint-imports; do \
		echo "== $$check"; $(BIN)/$$check || status=1; \
	done; \
	echo "== mypy"; wait $$mypy || status=1; cat "$$types"; rm -f "$$types"; \
	exit $$status

docs: setup
	@$(BIN)/python tools/docs.py
	@$(BIN)/python tools/problems.py

texts: setup
	@$(BIN)/python tools/texts.py

bench: export QT_QPA_PLATFORM := offscreen
bench: setup
	@for file in benchmarks/[a-z]*.py; do echo "== $$file"; $(BIN)/python "$$file" || exit 1; done
