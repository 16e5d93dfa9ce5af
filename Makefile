PYTHON ?= python3
TORCH_PYTHON ?= /usr/bin/python3
VENV ?= .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help demo lab test test-slow test-long laws test-lab bad-calls fuzz crashes bench-lab brainpy snntorch sweep lint types doctest docs bench reproduce-seeds reproduce-pictures clean

help: ## List the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-19s %s\n", $$1, $$2}' Makefile

demo: $(VENV)/.cli ## Store four photographs, corrupt them, recall them
	$(BIN)/canns recall --out outputs/demo
	@echo "Open the picture: $(CURDIR)/outputs/demo/recall.png"

lab: $(VENV)-lab/.stamp ## Open the page for teaching in a browser
	$(VENV)-lab/bin/canns lab

test: $(VENV)/.test ## Run the tests
	$(BIN)/python -m pytest -n auto -m "not slow and not long"

test-slow: $(VENV)/.test ## Run the tests that take long: whole programs, simulations, gradients
	$(BIN)/python -m pytest -n auto -m "slow and not long"

test-long: $(VENV)/.test ## Run the tests that take minutes: claims of statistics at further seeds, recoveries of rules
	$(BIN)/python -m pytest -n auto -m long

laws: $(VENV)/.test ## Try the laws of rules, networks and models on 25 times as many cases (an hour)
	$(BIN)/python -m pytest -n auto -m "not long" --hypothesis-profile=long tests/laws

bad-calls: $(VENV)/.test ## Call the public surface with every argument made wrong (4 minutes)
	@mkdir -p outputs
	JAX_PLATFORMS=cpu $(BIN)/python tests/bad_calls/attack.py --out outputs/bad_calls.jsonl

fuzz: $(VENV)/.test ## Read 100,000 damaged files of every kind (20 minutes)
	@mkdir -p outputs
	JAX_PLATFORMS=cpu $(BIN)/python tests/fuzz/fuzz.py --count 100000 --out outputs/fuzz.jsonl

crashes: $(VENV)/.test ## Kill 50 training runs at random moments, and resume them (5 minutes)
	JAX_PLATFORMS=cpu $(BIN)/python tests/crashes/crashes.py --kills 50

test-lab: $(VENV)-lab/.stamp ## Run the tests of the page in Chromium, which is installed if there is none
	@sh tests/lab_browser/chromium.sh
	JAX_PLATFORMS=cpu $(VENV)-lab/bin/python -m pytest -n 2 tests/lab_browser

bench-lab: $(VENV)-lab/.stamp ## Time the page in Chromium
	@sh tests/lab_browser/chromium.sh
	JAX_PLATFORMS=cpu $(VENV)-lab/bin/python benchmarks/lab.py

brainpy: $(VENV)-brainpy/.stamp ## Run the tests beside brainpy, in an environment of its own
	JAX_PLATFORMS=cpu $(VENV)-brainpy/bin/python -c 'import brainpy; print("brainpy", brainpy.__version__)'
	JAX_PLATFORMS=cpu $(VENV)-brainpy/bin/python -m pytest tests/with_brainpy

snntorch: $(VENV)/.test $(VENV)-snntorch/.stamp ## Run our graphs of NIR in snnTorch, in an environment of its own
	SNNTORCH_PYTHON=$(VENV)-snntorch/bin/python JAX_PLATFORMS=cpu $(BIN)/python -m pytest tests/with_snntorch

sweep: $(VENV)/.test ## Run all programs that are marked for XLA, which might abort
	JAX_PLATFORMS=cpu XLA_FLAGS=--xla_backend_optimization_level=1 $(BIN)/python tests/kernel_sweep.py

lint: $(VENV)/.dev ## Check style
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev ## Check types
	$(BIN)/mypy

doctest: $(VENV)/.test ## Run the examples in docstrings and the README
	$(BIN)/python -m pytest --doctest-modules src
	$(BIN)/python -m pytest --doctest-glob='*.md' README.md docs

docs: $(VENV)/.docs ## Build the documentation into site/, and check it
	$(BIN)/sphinx-build -W -q -j auto -b html docs site
	$(BIN)/python docs/_ext/check_site.py site

bench: $(VENV)/.bench ## Time the workloads beside their references
	$(BIN)/python benchmarks/run.py --out outputs/benchmarks --page docs/benchmarks.md
	cp outputs/benchmarks/roofline.png docs/images/roofline.png

reproduce-seeds: $(VENV)/.cli ## Make all published figures at three seeds (about 45 minutes)
	$(BIN)/canns reproduce all --seeds 3 --out outputs/reproduce

reproduce-pictures: $(VENV)/.cli ## Make the pictures of the published figures for the documentation (20 minutes)
	$(BIN)/canns reproduce all --out outputs/reproduce
	$(BIN)/python docs/shrink_pictures.py outputs/reproduce docs/images/reproduce

clean: ## Remove what the targets made
	rm -rf $(VENV) $(VENV)-brainpy $(VENV)-snntorch $(VENV)-lab outputs site build dist

# brainpy comes from the package index, with the versions of JAX and brainstate that pip finds for both.
$(VENV)-brainpy/.stamp: pyproject.toml
	$(PYTHON) -m venv $(VENV)-brainpy
	$(VENV)-brainpy/bin/python -m pip install --quiet --disable-pip-version-check --editable . brainpy \
	    'hypothesis>=6.100' 'pytest>=8.2' 'pytest-xdist>=3.6'
	@touch $@

# The PyTorch of the package index brings gigabytes for GPUs; that of Debian is for the CPU. Only
# files go between the two environments, because it needs an older NumPy.
$(VENV)-snntorch/.stamp: pyproject.toml
	@$(TORCH_PYTHON) -c 'import torch' || { \
	    echo "$(TORCH_PYTHON) has no PyTorch: apt-get install python3-torch, or set TORCH_PYTHON"; exit 1; }
	$(TORCH_PYTHON) -m venv --system-site-packages $(VENV)-snntorch
	$(VENV)-snntorch/bin/python -m pip install --quiet --disable-pip-version-check --no-deps \
	    'h5py>=3.10' 'nir>=1.0.8' 'nirtorch>=2.6' 'snntorch>=1.0'
	@touch $@

# The page has an environment of its own, so that the other tests run without its packages.
$(VENV)-lab/.stamp: pyproject.toml
	$(PYTHON) -m venv $(VENV)-lab
	$(VENV)-lab/bin/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	$(VENV)-lab/bin/python -m pip install --quiet --disable-pip-version-check \
	    --editable '.[lab]' --group browser
	@touch $@

# One environment; each stamp adds what its target needs. Dependency groups need pip 25.1.
$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("canns needs Python 3.11 or later; found " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.cli: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[cli]'
	@touch $@

$(VENV)/.%: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check \
	    --editable '.[cli,ephys,fit,nir,sklearn]' --group $*
	@touch $@
