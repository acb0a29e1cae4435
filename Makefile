# make demo   create the environment, run the example program's two builds for real, show what its logs say
# make test   install what the tests need and run them all
# make check  what must hold before a change lands: style, types, tests
# make bench  every benchmark, full size

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
SOURCES := pyproject.toml setup.py constraints.txt $(wildcard src/telemap/*/*.c building/*.py) \
	$(shell find web -name node_modules -prune -o -type f -print)

.PHONY: demo test check bench clean

demo: $(VENV)/telemap.installed
	$(BIN)/telemap demo

test: $(VENV)/test.installed
	$(BIN)/python -m pytest -n auto --dist loadgroup

check: $(VENV)/check.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python building/front_end.py npm run check
	$(BIN)/python -m pytest -n auto --dist loadgroup

bench: $(VENV)/test.installed
	$(BIN)/python -m benchmarks ingest --make 10000000 --all --format json
	$(BIN)/python -m benchmarks analyses --make 22500000 --format json
	@if [ -d ../shared/data/renderx ]; then $(BIN)/python -m benchmarks renderx --data ../shared/data/renderx --format json; \
	else echo "no recorded data: benchmark renderx skipped"; fi

clean:
	rm -rf $(VENV) build src/*.egg-info src/telemap/*/*.so src/telemap/web/built web/node_modules

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	{ echo "telemap needs Python 3.11 or newer: make PYTHON=/path/to/python3"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/telemap.installed: $(SOURCES) | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(VENV)/test.installed: $(SOURCES) | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test]'
	-$(BIN)/python building/front_end.py
	@touch $@ $(VENV)/telemap.installed

$(VENV)/check.installed: $(SOURCES) | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test,check]'
	-$(BIN)/python building/front_end.py
	@touch $@ $(VENV)/test.installed $(VENV)/telemap.installed
