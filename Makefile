# Every target makes .venv itself when it is missing or older than pyproject.toml.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: venv run serve test test-lowest fuzz lint format bench docs docs-test gallery picture clean help

help:
	@echo "make run    plan the built-in theatre: out/sahel/brief.html"
	@echo "make serve  the explorer on the built-in theatre: http://127.0.0.1:5006/"
	@echo "make test   all tests (those that need ../shared or Chromium skip, and say so, where it is absent)"
	@echo "make lint   ruff, mypy, import-linter"
	@echo "make docs   the site of the docs, in site/"
	@echo "make venv bench docs-test gallery picture fuzz test-lowest format clean"

venv: $(STAMP)

$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Vallum needs Python 3.11 or newer; $(PYTHON) is older. Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[build,test,lint,docs]'
	@touch $(STAMP)

run: $(STAMP)
	$(BIN)/vallum plan sahel --out out/sahel

# the explorer, for this machine alone; what is kept lies in out/store
serve: $(STAMP)
	$(BIN)/vallum serve sahel --store out/store

# a process per processor, at most four: a file's tests stay together, and so do their fixtures;
# files are handed out in the order that tests/conftest.py gives them, long ones first
test: $(STAMP)
	$(BIN)/python -m pytest --numprocesses=auto --maxprocesses=4 --dist=loadfile --no-loadscope-reorder

# The same tests against the oldest versions that pyproject.toml allows.
test-lowest:
	$(PYTHON) -m venv .venv-lowest
	.venv-lowest/bin/python -m pip install --quiet --disable-pip-version-check -e '.[test]' -c tests/lowest.txt
	.venv-lowest/bin/python -m pytest tests/unit tests/laws tests/oracles

# 10,000 damaged files through every reader; minutes. `make test` does some hundreds.
fuzz: $(STAMP)
	$(BIN)/python tests/fuzz/run.py

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(STAMP)
	@for f in benchmarks/*.py; do echo "== $$f"; $(BIN)/python $$f || exit 1; done

# The site, in site/: warnings are errors, names that lead nowhere among them.
docs: $(STAMP)
	$(BIN)/sphinx-build -W --keep-going -n -j auto -q -d out/doctrees docs site

# Every command and block in the docs is run.
docs-test: $(STAMP)
	$(BIN)/python -m pytest tests/test_docs.py tests/test_tutorials.py

# The gallery's pictures, from the plan in out/sahel.
gallery: $(STAMP)
	$(BIN)/python docs/gallery/make.py out/sahel

picture: $(STAMP)
	$(BIN)/vallum plan sahel --out out/sahel
	$(BIN)/python tests/browser/picture.py out/sahel/brief.html docs/brief.png

clean:
	rm -rf $(VENV) .venv-lowest out site screenshots .pytest_cache .mypy_cache .ruff_cache .hypothesis
