# A verb per action. Windows: the same verbs in make.ps1.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
EXTRAS ?= stage,dev
SIDE_BY_SIDE := -p xdist -n 2 --dist loadscope --no-loadscope-reorder

.PHONY: help setup engine demo test slow bench lint docs clean
help: ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

setup: $(VENV)/.installed ## a virtual environment in .venv with everything installable here

# What is asked for by name is installed, although something else was before.
ifneq ($(origin EXTRAS),file)
ifneq ($(EXTRAS),$(shell cat $(VENV)/.installed 2>/dev/null))
.PHONY: $(VENV)/.installed
endif
endif

$(VENV)/.installed: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Cyclorama needs Python 3.11 or newer, this is " + sys.version.split()[0] + "; name another: make PYTHON=python3.12 ...")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[$(EXTRAS)]'
	case ",$(EXTRAS)," in *,capture,*) $(BIN)/python -m pip install --no-deps mediapipe==0.10.33;; esac
	@echo '$(EXTRAS)' > $@

engine: setup ## cyc-engine, the plugin's core without Unreal, where there is CMake and a compiler
	@$(BIN)/python -m bridge plugin build --if-possible

demo: setup engine ## the main job: tracker, wall, engine, take, page (make demo ARGS="--seconds 20")
	$(BIN)/python -m bridge demo $(ARGS)

test: setup ## all tests of what is installed, on two cores (make test ARGS="-k wall", ARGS="-n 0 --pdb")
	$(BIN)/python -m pytest $(SIDE_BY_SIDE) $(ARGS)

slow: setup ## the minutes-long tests; the browser is watched with nothing beside it
	$(BIN)/python -m pytest $(SIDE_BY_SIDE) -m 'slow and not browser' $(ARGS) || test $$? = 5
	$(BIN)/python -m pytest -m 'slow and browser' $(ARGS) || test $$? = 5

bench: setup ## every bench (make bench ARGS="tracking --seconds 10")
	$(BIN)/python -m bridge bench $(or $(ARGS),all)

lint: setup ## ruff, pyright
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright --threads 2

docs: setup ## rewrite the parts of docs/ that are made from code, then check every link
	$(BIN)/python -m pytest tests/test_docs.py --regenerate-docs

clean: ## forget the virtual environment and what runs left behind
	rm -rf $(VENV) build *.egg-info .pytest_cache .ruff_cache out
