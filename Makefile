# Two commands for everyone: `make run` and `make test`. Both set up .venv from pinned versions.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DOCS_READY := $(VENV)/.docs-ready
COMPILED := setup.py $(wildcard tasks/*/_*.pyx tasks/*/_*.pxd)

.PHONY: help run test check format accuracy bench docs constraints clean

help:  ## list what there is to make
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(READY)  ## ingest the sample pages in seeds/ into data/lake
	$(BIN)/copydesk ingest seeds --lake data/lake

test: $(READY)  ## run every test
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile

check: $(READY)  ## lint, format and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(READY)  ## put the code into the project's format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

accuracy: $(READY)  ## score the gold data, where it is at hand, against benchmarks/floors.json
	$(BIN)/python benchmarks/accuracy.py

bench: $(READY)  ## measure speed beside datatrove, and scale; BENCH_INPUT='FILE --runs 1', BENCH_SCALE='--sizes 100000' for less
	$(BIN)/python benchmarks/speed.py --growth 1000,10000,40000 --cold --bare $(BENCH_INPUT)
	$(BIN)/python benchmarks/scale.py $(BENCH_SCALE)

docs: $(DOCS_READY)  ## build the documentation's site into build/docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict

constraints:  ## write constraints.txt anew from the newest versions that pyproject.toml admits
	rm -rf .venv-newest
	$(PYTHON) -m venv .venv-newest
	.venv-newest/bin/python -m pip install --quiet --disable-pip-version-check -e '.[dev,docs]'
	{ echo '# Exact versions that are tested together; pip reads it with -c. Written by `make constraints`.'; \
	  .venv-newest/bin/python -m pip freeze --exclude-editable; } > constraints.txt
	rm -rf .venv-newest

clean:  ## remove .venv and caches; leaves data/ alone
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis build tasks/*/_*.so

$(READY): pyproject.toml constraints.txt $(COMPILED)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Copydesk needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version). Try: make PYTHON=python3.11 …" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@$(BIN)/copydesk --version
	@touch $@

$(DOCS_READY): $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[docs]'
	@touch $@
