# `make run` and `make test` need no other step before them: they install what they need.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
COMPILED := $(VENV)/compiled

.PHONY: setup compile run test lint format types unit properties python-plane docs tables oldest installation bench rehearsal plain-libzmq soak soak-faults soak-healthy soak-lab soak-window picture screenshots lock clean

setup: $(COMPILED)

# Needs only python3 with venv and pip. Everything is installed again when one of the two files is newer than the stamp.
$(READY): requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	.ci/compiler $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	.ci/qt-libraries $(BIN)/python
	touch $(READY)

# Compiled again when a source has changed. Without a compiler, the bench runs its loops in Python.
$(COMPILED): $(READY) hatch_build.py $(wildcard bench_app/data_plane/*.pyx bench_app/data_plane/*.pxd)
	$(BIN)/python hatch_build.py || [ "$$ZMQ_BENCH_REQUIRE_COMPILED" != 1 ]
	touch $(COMPILED)

compile: $(READY)
	$(BIN)/python hatch_build.py
	touch $(COMPILED)

run: $(COMPILED)
	$(BIN)/zmq-bench $(or $(ARGS),multi-pattern)

test: lint types docs unit

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy

# Tests wait for processes half of the time, so three run at a time on two processors.
unit: $(COMPILED)
	$(BIN)/pytest -n 3 --dist worksteal

# The tests of properties with twenty times as many random examples.
properties: $(COMPILED)
	$(BIN)/pytest -n 3 --dist worksteal -m hypothesis --hypothesis-profile many --timeout 1800 $(ARGS)

# The runs that lose, end, kill and change something, once more with the loops in Python. The suite has them compiled.
PYTHON_PLANE := $(addprefix tests/end_to_end/test_,oracle.py kills_at_full_speed.py endings.py live_losses.py \
	changes_in_a_run.py membership.py parameters.py acts_by_hand.py)

python-plane: $(COMPILED)
	ZMQ_BENCH_PLANE=python $(BIN)/pytest -n 3 --dist worksteal $(PYTHON_PLANE) $(ARGS)

# Strict: a broken link, an unknown name or a page without a link to it is an error. Uses no network.
docs: $(COMPILED)
	$(BIN)/sphinx-build -W -n --keep-going -E -q docs build/docs

# Some tables that are made from the code are also kept on their pages, for readers in the repository.
tables: $(COMPILED)
	$(BIN)/python docs/_ext/renew_tables.py

# Tests at the lower bounds of pyproject.toml, on the oldest Python of this machine. ARGS: arguments of pytest.
oldest: $(READY)
	$(BIN)/python -m tools.check_oldest $(ARGS)

# The built wheel in bare environments of the oldest and the newest Python of this machine.
installation: $(READY)
	$(BIN)/python -m tools.check_installation

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(COMPILED)
	$(BIN)/python -m benchmarks.bars

# Plays every demo that ships: each step must come, and what its caption claims must hold then. Takes two minutes.
# ARGS: --count N, or names of demos.
rehearsal: $(COMPILED)
	$(BIN)/python -m benchmarks.rehearsal $(ARGS)

# The program in C that the bench is compared with. Needs a C compiler and zmq.h (Debian: libzmq3-dev). `make bench`
# builds it where it can.
PLAIN_LIBZMQ := build/plain_libzmq/plain_libzmq

plain-libzmq: $(PLAIN_LIBZMQ)

$(PLAIN_LIBZMQ): $(wildcard benchmarks/libzmq/*.c benchmarks/libzmq/*.h)
	mkdir -p $(@D)
	$(CC) -std=c11 -D_GNU_SOURCE -O2 -Wall -Wextra -o $@ $(filter %.c,$^) -pthread -ldl

# Takes ten minutes.
soak: $(COMPILED)
	$(BIN)/python -m benchmarks.soak

# Takes about half an hour. ARGS: --count N --seed S.
soak-faults: $(COMPILED)
	$(BIN)/python -m benchmarks.faulted_runs $(ARGS)

# Takes about four minutes on a quiet machine. ARGS: --count N, --beside N.
soak-healthy: $(COMPILED)
	$(BIN)/python -m benchmarks.healthy_runs $(ARGS)

# Takes about half an hour. ARGS: parts (find, hwm, burst, sweep), --count N.
soak-lab: $(COMPILED)
	$(BIN)/python -m benchmarks.lab_bars $(ARGS)

# Takes an hour.
soak-window: $(COMPILED)
	$(BIN)/python -m benchmarks.soak_window

# Exact versions and hashes for every supported platform and Python; needs uv.
lock:
	uv pip compile --universal --generate-hashes --no-emit-index-url --python-version 3.11 --custom-compile-command "make lock" \
	  --group dev --extra window pyproject.toml -o requirements.lock

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis build/data_plane \
	  bench_app/data_plane/*.so bench_app/data_plane/compiled_from.txt

picture: $(COMPILED)
	$(BIN)/python -m tools.picture

screenshots: $(COMPILED)
	$(BIN)/python -m tools.screenshots $(ARGS)
