# `make run` and `make test` are all one needs: both set themselves up.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready

.PHONY: setup run test lint format types unit docs bench soak soak-window picture screenshots lock clean

setup: $(READY)

# Only python3 with venv and pip is needed. The stamp is newer than the lock file and the project file, or everything is installed again.
$(READY): requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	.ci/qt-libraries $(BIN)/python
	touch $(READY)

run: $(READY)
	$(BIN)/zmq-bench $(or $(ARGS),multi-pattern)

test: lint types docs unit

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy

# Most of a test is waiting for processes, so two run at a time.
unit: $(READY)
	$(BIN)/pytest -m "not alone" -n 2 --dist worksteal
	$(BIN)/pytest -m alone

# Strict: a broken link, a name that does not exist or a page nobody reaches is an error. Asks nobody outside.
docs: $(READY)
	$(BIN)/sphinx-build -W -n --keep-going -E -q docs build/docs

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(READY)
	$(BIN)/python -m benchmarks.bars

soak: $(READY)
	$(BIN)/python -m benchmarks.soak

# An hour.
soak-window: $(READY)
	$(BIN)/python -m benchmarks.soak_window

# Exact versions and hashes for every platform and Python we support; needs uv.
lock:
	uv pip compile --universal --generate-hashes --no-emit-index-url --python-version 3.11 --custom-compile-command "make lock" \
	  --group dev pyproject.toml -o requirements.lock

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis

picture: $(READY)
	$(BIN)/python -m tools.picture

screenshots: $(READY)
	$(BIN)/python -m tools.screenshots
