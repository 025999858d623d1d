# The one door. Needs Python 3.11 and make; everything else is installed from requirements.lock.
PYTHON ?= $(or $(shell command -v python3.11),python3)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
VENV_LINKAGE := .venv-linkage
LINKAGE := $(VENV_LINKAGE)/.installed

.PHONY: pictures year lock-linkage help demo faults fuzz test check airflow bench bench-linkage docs lock clean

help: ## this list
	@grep -E '^[a-z-]+:.*##' Makefile | sed 's/:.*## /\t/' | expand -t 12

# --no-deps: the lock is complete, and pip would look for newer versions of packages that are asked for with extras.
$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null || { echo "Python 3.11 is needed: install it, or say make PYTHON=/path/to/python3.11"; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing pinned packages into $(VENV), once (a minute or two) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

demo: $(STAMP) ## six partners' exports to this morning's worklist, through real Airflow
	@$(BIN)/samenloop demo

airflow: $(STAMP) ## the whole of Airflow and the opener on the practice region, until Ctrl-C
	@$(BIN)/samenloop airflow

# The tests start hundreds of our programs: none compiles the same lines again, also where PYTHONDONTWRITEBYTECODE is set.
test: $(STAMP) ## every test
	@$(BIN)/python -m compileall -q -j 0 pipeline dags tests
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

check: $(STAMP) ## style, types, import contracts
	@$(BIN)/ruff check pipeline dags tests benchmarks
	@$(BIN)/ruff format --check pipeline dags tests benchmarks
	@$(BIN)/mypy
	@$(BIN)/lint-imports

faults: $(STAMP) ## kill, fill the disk, take the database away ... at every checkpoint; resumable. MORE="--most 100"
	@$(BIN)/python -m tests.simulation.faults $(MORE)

bench: $(STAMP) ## speed and memory, as ratios to a floor in the same run
	@$(BIN)/python -m benchmarks

bench-linkage: $(LINKAGE) ## linkage quality beside Splink on plaintext; MORE="--signals 1000000" for more
	@$(VENV_LINKAGE)/bin/python -m benchmarks.linkage $(MORE)

$(LINKAGE): $(STAMP) requirements-linkage.lock
	@echo "Installing the peers' packages into $(VENV_LINKAGE), once (a minute or two) ..."
	@test -x $(VENV_LINKAGE)/bin/python || $(BIN)/python -m uv venv --quiet --python $(BIN)/python $(VENV_LINKAGE)
	@$(BIN)/python -m uv pip install --quiet --python $(VENV_LINKAGE)/bin/python --no-deps --require-hashes -r requirements-linkage.lock
	@touch $(LINKAGE)

year: $(STAMP) ## a practice year of working days and its balance; MORE="--households 600 --months 3" for less
	@$(BIN)/samenloop year $(MORE)

fuzz: $(STAMP) ## 100,000 hostile files through every reader, 2,000 through the capped child; MORE="--share 0.1"
	@$(BIN)/python -m tests.simulation.fuzz $(MORE)

docs: $(STAMP) ## the pages that are printed from code
	@$(BIN)/python -m tests.docs.print_pages

lock: $(STAMP) ## pin the newest versions that pyproject.toml allows
	@$(BIN)/python -m uv pip compile --quiet --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-annotate --no-header --extra dev --output-file requirements.lock pyproject.toml
	@sed -i '1i # Every package of the product, its tests and its Airflow, pinned with hashes; made by `make lock`.' requirements.lock
	@$(BIN)/python -m uv pip compile --quiet --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-annotate --no-header --extra image --constraint requirements.lock --output-file requirements-image.lock pyproject.toml
	@sed -i '1i # What the image of the real deployment holds: the product without its tests, pinned with hashes; made by `make lock`.' requirements-image.lock

lock-linkage: $(STAMP) lock ## pin the peers too; what both have has one version
	@$(BIN)/python -m uv pip compile --quiet --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-annotate --no-header --extra linkage --constraint requirements.lock --output-file requirements-linkage.lock pyproject.toml
	@sed -i '1i # The product and the peers that `make bench-linkage` compares with, pinned with hashes; made by `make lock-linkage`.' requirements-linkage.lock

# Never the whole of var: that is the home of a municipality where SAMENLOOP_HOME names no other.
clean: ## remove the virtual environments and what practice made, never a home
	@rm -rf $(VENV) $(VENV_LINKAGE) var/demo var/year var/practice-* var/faults var/fuzz var/linkage

pictures: $(STAMP) ## the pictures of README and guides, from the practice region; needs Chromium and LibreOffice
	@$(BIN)/python -m tests.docs.take_pictures
