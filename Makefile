# make            set up, run the embedded benchmark, say where the tables are
# make install    set up
# make test       set up, check style, spelling and types, run every test
# make fuzz       set up, read 10,000 damaged files of every kind, in minutes
# make peers      set up, measure the pair kernels beside other libraries
# make clean      remove the environment and the results
SHELL := /bin/bash
PYTHON ?= python3
CORES ?= all
BIN := .venv/bin
# Snakemake starts the `python` it finds first, and every job is a fresh interpreter that needs compiled modules.
export PATH := $(CURDIR)/$(BIN):$(PATH)
unexport PYTHONDONTWRITEBYTECODE
# Snakemake copies the workflow to the user's cache; where nothing can be written there, it is kept beside the results.
CACHE := $(shell cache="$${XDG_CACHE_HOME:-$$HOME/.cache}"; mkdir -p "$$cache" 2> /dev/null && test -w "$$cache" && echo kept)
ifneq ($(CACHE),kept)
export XDG_CACHE_HOME := $(CURDIR)/.snakemake/cache
endif

.PHONY: all install test fuzz peers clean
all: $(BIN)/.installed
	@snakemake --cores $(CORES) --quiet rules
	@echo "Tables: results/embedded/tables/    Figures: results/embedded/figures/    Everything on one page: results/embedded/report.html"

install: $(BIN)/.installed

$(BIN)/.installed: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "genprint needs Python 3.11 or newer: make PYTHON=/path/to/python3.11")'
	@$(PYTHON) -c 'import os, sys; here = os.getcwd(); sys.exit(set(here) & set(" \t\n\x27\"`$$;&|*?()<>:{}\\") and f"Snakemake cannot start Python in {here}: move genprint to a folder whose path has no blanks, quotes, colons, braces and other signs of the shell" or 0)'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --requirement requirements.txt
	@touch $@

test: $(BIN)/.installed
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --requirement requirements-encoders.txt
	ruff check .
	ruff format --check .
	snakefmt --check Snakefile rules
	codespell $$(git ls-files)
	mypy
	snakemake --lint
	# Three at a time on two cores: those on a cluster mostly wait.
	pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder

fuzz: $(BIN)/.installed
	GENPRINT_FUZZ=10000 pytest --numprocesses 2 tests/fuzz

peers: $(BIN)/.installed
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --requirement requirements-peers.txt
	snakemake --cores 2 peers
	@echo "Speed beside other libraries: results/peers/peers.md    The same as csv: results/peers/peers.csv"

clean:
	rm -rf .venv .snakemake results/*
