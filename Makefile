# make demo | test | lint | … : each sets up all it needs on a fresh machine (Python 3.11 or 3.12, nothing else).
VENV ?= .venv
PYTHON ?=
OUT ?= siting-demo
SITE ?= site
PYTEST_ARGS ?=

BIN := $(VENV)/bin
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help venv demo test lint format docs lock data clean

help:  ## what can be made
	@grep -hE '^[a-z]+: .*##|^[a-z]+:  *##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## */\t/' | expand -t 12

venv: $(READY)  ## .venv with everything in it, at the tested versions

$(READY): pyproject.toml constraints.txt scripts/make_venv.sh scripts/find_python.sh
	@bash scripts/make_venv.sh "$(VENV)" $(if $(PYTHON),"$(PYTHON)")
	@touch $@

demo: $(READY)  ## the packaged sample of Helsinki, whole pipeline, into siting-demo/
	@$(BIN)/siting demo --overwrite --out "$(OUT)"

test: $(READY)  ## all tests (PYTEST_ARGS="tests/locate -x" for some of them)
	@$(BIN)/python -m pytest -n auto --dist loadfile $(PYTEST_ARGS)

lint: $(READY)  ## format, style and types, as they are checked before a merge
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy

format: $(READY)  ## let ruff set the line breaks
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

docs: $(READY)  ## the documentation, into site/ (open site/index.html; nothing is loaded from the network)
	@NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet --site-dir "$(SITE)"

lock:  ## renew constraints.txt from pyproject.toml (needs uv)
	@head -2 constraints.txt > constraints.txt.new
	@uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest --upgrade \
	  --no-emit-index-url --no-emit-find-links --no-header --no-annotate \
	  --extra test --extra lint --extra notebook --extra bench --extra docs pyproject.toml >> constraints.txt.new
	@mv constraints.txt.new constraints.txt

data: $(READY)  ## write data/demo-district and data/sources.csv anew
	@$(BIN)/python scripts/make_demo_district.py
	@$(BIN)/python scripts/update_sources.py

clean:  ## remove the environment, caches and results
	@rm -rf "$(VENV)" siting-demo siting-out site build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
