# `make demo` and `make test` need nothing done before, on a fresh machine too.

PORT ?= 6006
HOST ?= localhost
# A folder with MNIST's four IDX files; the demo trains on scikit-learn's digits without it.
MNIST ?=
# Folders with Pythons for `make matrix`, before those of the PATH.
PYTHONS ?=
# A regular expression, such as python='3.12': the cells of tests/matrix/cells.py with this in them.
ONLY ?=
VENV ?= .venv
PYTHON ?= $(shell command -v python3.11 || command -v python3)

BIN := $(VENV)/bin
# npm and its Node are Python packages of the environment: the versions of constraints.txt.
NPM := PATH="$(abspath $(BIN)):$$PATH" npm --prefix frontend --no-audit --no-fund
# Node's own list of authorities lacks that of a network which inspects TLS.
export NODE_USE_SYSTEM_CA ?= 1
DEMO_RUN := runs/$(if $(MNIST),mnist,demo)

# A set-up step leaves a stamp, and is done again when a file that it depends on is newer.
TOOLS := $(BIN)/.tools
PACKAGE := $(BIN)/.package
NODE_MODULES := frontend/node_modules/.package-lock.json
JUPYTER := $(VENV)-jupyter
TRAINERS := $(VENV)-trainers
TRAINED := $(DEMO_RUN)/.trained
FRONTEND_SOURCES := $(shell find frontend \( -name node_modules -o -name .vitest \) -prune -o -type f -print)

.PHONY: help
help: ## Say what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: $(TRAINED) ## Train the demo model on real digits and show it in TensorBoard (PORT=, HOST=, MNIST=)
	@echo "$(DEMO_RUN) is kept, and shown again the next time; remove it to train anew."
	@echo "LAYERVIEW: http://$(HOST):$(PORT)/#layerview"
	@exec $(BIN)/tensorboard --logdir runs --host $(HOST) --port $(PORT)

.PHONY: test
test: $(PACKAGE) chromium ## Run every test: TypeScript, Python, browser
	$(NPM) test
	$(BIN)/python -m pytest

.PHONY: check
check: $(PACKAGE) ## Check style, types, borders and the generated contract
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(NPM) run check
	$(BIN)/python -m tb_layerview.contract.typescript --check

.PHONY: bench
bench: $(PACKAGE) ## Measure beside what a user would pick instead, as ratios
	$(BIN)/python -m benchmarks

.PHONY: faults
faults: $(PACKAGE) ## Plant faults in small trainings, and print what the findings say of each
	$(BIN)/python -m tests.faults.table

.PHONY: fuzz
fuzz: $(PACKAGE) ## Spoil logs and requests, and say what came of it (INPUTS=1000000)
	$(BIN)/python -m tests.fuzz --inputs $(or $(INPUTS),1000000)
	$(BIN)/python -m tests.fuzz.guided --inputs $(or $(INPUTS),1000000)

.PHONY: soak
soak: $(PACKAGE) ## Kill, spoil, fill, load and fuzz, long and often; print what was lost (INPUTS=1000000)
	$(BIN)/python -m tests.soak --inputs $(or $(INPUTS),1000000)

.PHONY: matrix
matrix: $(PACKAGE) ## Try releases of Python, TensorBoard, NumPy, protobuf, PyTorch (PYTHONS=folder:folder)
	@PATH="$(abspath $(BIN)):$$PATH" $(BIN)/python -m tests.matrix --pythons "$(PYTHONS)" --only "$(ONLY)"

.PHONY: engines
engines: $(PACKAGE) $(JUPYTER)/.notebook chromium ## See the page behind nginx, in Firefox ESR and in a Jupyter notebook
	JUPYTER_BIN="$(abspath $(JUPYTER)/bin)" $(BIN)/python -m pytest tests/engines/check_*.py

.PHONY: trainers
trainers: $(PACKAGE) ## Record what the trainers of Lightning and Hugging Face train, by the callbacks of the docs
	@[ -x $(TRAINERS)/bin/python ] || $(BIN)/python -m venv $(TRAINERS)
	@$(TRAINERS)/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt \
		torch pytest google-crc32c tensorboard lightning==2.6.6 transformers==5.24.0 accelerate==1.15.0
	PYTHONPATH=. $(TRAINERS)/bin/python -m pytest -o filterwarnings= tests/trainers/check_trainers.py

.PHONY: cuda
cuda: $(PACKAGE) ## On a machine with a GPU: record what trains there, and measure what that costs
	$(BIN)/python -m pytest -o filterwarnings= tests/cuda/check_*.py
	$(BIN)/python -m pytest -o filterwarnings= -p tests.cuda.on_cuda -k "not U-Net and not tied" \
		tests/harmless/test_bit_identical.py tests/harmless/test_flight.py
	$(BIN)/python -m benchmarks.cuda

.PHONY: bench-browser
bench-browser: $(PACKAGE) chromium ## Measure the pictures of the page beside Plotly's, in one browser
	$(BIN)/python -m benchmarks.browser

.PHONY: bench-server
bench-server: $(PACKAGE) ## Measure opening, answers and memory of a log of 10 GB (GIGABYTES=10)
	$(BIN)/python -m benchmarks.server --gigabytes $(or $(GIGABYTES),10)

.PHONY: pictures
pictures: $(PACKAGE) chromium ## Take the pictures of the README anew
	$(BIN)/python -m tests.browser.pictures

.PHONY: format
format: $(PACKAGE) ## Put the sources into the house's format
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	$(NPM) run format

.PHONY: clean
clean: ## Remove what was made here, the environment and the demo's runs too
	rm -rf $(VENV) $(JUPYTER) $(TRAINERS) build dist *.egg-info frontend/node_modules tb_layerview/plugin/static
	rm -rf runs/demo runs/mnist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis

.PHONY: chromium
chromium:
	@if command -v chromium > /dev/null; then \
		exit 0; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null; then \
		apt-get -qq update && \
		DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends chromium fonts-liberation; \
	else \
		echo "The browser tests need a program chromium on the PATH: install it, then run this again." >&2; \
		exit 1; \
	fi

$(TOOLS): requirements-dev.txt constraints.txt
	@[ -x $(BIN)/python ] || $(PYTHON) -m venv $(VENV)
	@echo "Installing the Python packages of constraints.txt into $(VENV)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt -c constraints.txt
	@touch $@

$(NODE_MODULES): frontend/package-lock.json frontend/.npmrc $(TOOLS)
	$(NPM) ci --ignore-scripts
	@touch $@

$(PACKAGE): setup.py pyproject.toml README.md $(FRONTEND_SOURCES) $(TOOLS) $(NODE_MODULES)
	@echo "Building the front end, and installing tb_layerview in place"
	@PATH="$(abspath $(BIN)):$$PATH" $(BIN)/python -m pip install --quiet --disable-pip-version-check \
		--no-build-isolation -c constraints.txt -e .
	@touch $@

# A notebook server has many requirements that nothing else here needs.
$(JUPYTER)/.notebook: | $(TOOLS)
	@echo "Installing a notebook server into $(JUPYTER)"
	@$(BIN)/python -m venv $(JUPYTER)
	@$(JUPYTER)/bin/python -m pip install --quiet --disable-pip-version-check notebook==7.6.5
	@touch $@

# A run that was interrupted has no stamp: it is removed and trained again, as is one that an
# earlier state of the code recorded.
$(TRAINED): $(wildcard demo/*.py $(addprefix tb_layerview/,capture/*.py log/*.py measure/*.py)) | $(PACKAGE)
	@rm -rf $(DEMO_RUN)
	$(BIN)/python -m demo.train --logdir $(DEMO_RUN) $(if $(MNIST),--mnist "$(MNIST)")
	@touch $@
