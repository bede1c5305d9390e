# Thin: each line calls a tool. `make demo` and `make test` do all their own set-up.
export PATH := $(PATH):/usr/sbin

.PHONY: setup setup-test demo test torture cover lint bench pins lock clean

setup:
	@packaging/setup.sh

setup-test:
	@packaging/setup.sh tests

demo: setup
	@.venv/bin/plantroom demo

# by file in several processes: half of the time is waiting for real lines, brokers and browsers
test: setup-test
	.venv/bin/pytest -n 2 --dist loadfile

# the full forms of tests/torture, hours of it: kills, power cuts, a soak of a day, fuzzing. make torture SEED=7 SCALE=0.1
SEED ?= 1
SCALE ?= 1
torture: setup-test
	failed=0; \
	PLANTROOM_TORTURE_SEED=$(SEED) PLANTROOM_TORTURE_SCALE=$(SCALE) .venv/bin/pytest tests/torture -m torture -s || failed=1; \
	PLANTROOM_FUZZ_FACTOR=50 .venv/bin/pytest tests/fuzz --timeout 7200 || failed=1; \
	exit $$failed

# every branch of the dictionary and of the last hand on every value
cover: setup
	.venv/bin/pytest -q tests/core tests/safety --cov=agent.core --cov=agent.safety --cov-branch --cov-fail-under=100

lint: setup
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports

bench: setup-test
	.venv/bin/python -m hil.speed

# whole years of the ready sites as they were before and as reported, against what projects report; a quarter of an hour a core
pins: setup-test
	.venv/bin/python -m hil.compare.pins

# pinned with hashes, without any registry address; needs uv
lock:
	uv pip compile -q --universal --python-version 3.11 --extra hil --generate-hashes --no-emit-index-url --no-header pyproject.toml -o requirements.lock
	uv pip compile -q --universal --python-version 3.11 --extra dev --generate-hashes --no-emit-index-url --no-header pyproject.toml -o requirements-dev.lock

clean:
	rm -rf .venv build dist *.egg-info agent/web/static agent/web/ui/node_modules
