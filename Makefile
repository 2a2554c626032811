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
# They often wait, as do those that start servers and programs: make test has three processes
# for two cores, and lint runs beside the window's tests.
PYTEST = $(BIN)/python -m pytest --dist loadfile --max-worker-restart 0 $(SELECTION)
WORKERS := 2

test: SELECTION := -m "not long"
test: WORKERS := 3
test test-all: export QT_QPA_PLATFORM := offscreen
# Some systems forbid it. Every process that a test starts would compile all that it imports.
test test-all: export PYTHONDONTWRITEBYTECODE :=
test test-all: setup
	@status=0; log=$$(mktemp); \
	$(MAKE) --no-print-directory lint >"$$log" 2>&1 & lint=$$!; \
	$(PYTEST) -n $(WORKERS) tests/app || status=1; \
	wait $$lint || status=1; cat "$$log"; rm -f "$$log"; \
	$(PYTEST) -n $(WORKERS) --ignore tests/app || status=1; \
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
