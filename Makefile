# Every target sets up what it needs: `make demo` and `make test` work in a fresh clone.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# Where bytecode is not kept, each of the many processes that tests start compiles every module.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: demo test campaign lint types layers docs golden bench check clean

$(STAMP): pyproject.toml setup.py src/ringwall/traffic/_lines.c src/ringwall/traffic/_queries.c
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@

demo: $(STAMP)
	$(BIN)/ringwall demo

# Three at a time on two cores: many tests wait for a clock, or for a process of their own.
test: $(STAMP)
	$(BIN)/python -m pytest -n 3 --dist worksteal -m 'not campaign and not aws'

# The long proofs: a fault at every call, mutants by the thousand, kills at random points.
campaign: $(STAMP)
	$(BIN)/python -m pytest -n 2 -m campaign --timeout=3600

lint: $(STAMP)
	$(BIN)/ruff check src tests benchmarks
	$(BIN)/ruff format --check src tests benchmarks

types: $(STAMP)
	$(BIN)/mypy

layers: $(STAMP)
	$(BIN)/lint-imports

docs: $(STAMP)
	$(BIN)/python -m tests.reference --write

golden: $(STAMP)
	RINGWALL_GOLDEN=write $(BIN)/python -m pytest -n 2 -q -m 'not campaign and not aws' tests/golden tests/docs tests/blueprint/test_problems.py

bench: $(STAMP)
	$(BIN)/python -m benchmarks

check: lint types layers test

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache demo-ringwall
