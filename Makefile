# The project's own commands. `make report` needs Python 3.11 or newer, pip and make, nothing else.
PYTHON ?= python3
VENV ?= .venv
COMPANY ?= company
ARGS ?=
MILLIONS ?= 1
ACCOUNTS ?= 100000
SETTLED ?= 2026-11-10T00:00:00Z

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet
PACKAGE := --no-deps --no-build-isolation --compile --editable .

.PHONY: help report test lab bench lint lock clean
.DELETE_ON_ERROR:

help:  ## these lines
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

report: $(VENV)/.runtime $(COMPANY)/audit.toml  ## install, write the sample company, audit one quarter, say where the reports are
	@$(BIN)/audit run --project $(COMPANY) || [ $$? -eq 1 ]  # 1: the audit took place and found something

test: $(VENV)/.test  ## install what tests need, run all of them
	$(BIN)/python -m pytest -n 2 --dist loadfile $(ARGS)

lab: $(VENV)/.lab $(COMPANY)/audit.toml  ## open JupyterLab on notebooks/explore.ipynb
	$(BIN)/python -m jupyterlab notebooks/explore.ipynb

bench: $(VENV)/.bench  ## measure loading and controls, into reports/bench (MILLIONS=10: ten million lines; ACCOUNTS=1000000: a million accounts)
	$(BIN)/python tests/bench_load.py --millions $(MILLIONS) $(ARGS)
	$(BIN)/python tests/bench_controls.py --millions $(MILLIONS)
	$(BIN)/python tests/bench_retention.py --accounts $(ACCOUNTS)

lint: $(VENV)/.test  ## check style and form of the Python code
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .

lock: $(BIN)/python  ## make the files in locks/ anew (needs uv from the package index)
	$(PIP) uv
	cd locks && for extra in runtime test lab bench; do \
	  rm -f $$extra.txt; \
	  ../$(BIN)/uv --no-config pip compile ../pyproject.toml --universal --python-version 3.11 --generate-hashes \
	    --constraint constraints.txt --exclude-newer $(SETTLED) --extra build \
	    $$([ $$extra = runtime ] || echo --extra $$extra) \
	    --no-header --no-annotate --quiet --output-file $$extra.txt || exit 1; \
	done

clean:  ## remove what the other targets made, the sample company included
	rm -rf $(VENV) $(COMPANY) build dist src/*.egg-info .pytest_cache .ruff_cache .hypothesis

# Stamps: an environment is brought up to date when its lock or the project's metadata has changed.

$(BIN)/python:
	$(PYTHON) -c "import sys; sys.exit('audit_lib needs Python 3.11 or newer, this is ' + sys.version.split()[0]) if sys.version_info < (3, 11) else None"
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: locks/runtime.txt pyproject.toml setup.py | $(BIN)/python
	$(PIP) --require-hashes --requirement locks/runtime.txt
	$(PIP) $(PACKAGE)
	@touch $@

$(VENV)/.test: locks/test.txt $(VENV)/.runtime
	$(PIP) --require-hashes --requirement locks/test.txt
	@touch $@

$(VENV)/.lab: locks/lab.txt $(VENV)/.runtime
	$(PIP) --require-hashes --requirement locks/lab.txt
	@touch $@

$(VENV)/.bench: locks/bench.txt $(VENV)/.runtime
	$(PIP) --require-hashes --requirement locks/bench.txt
	@touch $@

$(COMPANY)/audit.toml: | $(VENV)/.runtime
	@$(BIN)/audit sample $(COMPANY)
