# `make test` and `make scan` need git, make and Python 3.9 or newer, and nothing else.
# They set up .venv on their first run; later runs start at once.

PYTHON ?= python3
CHECKOV ?= checkov==3.3.30
VENV ?= .venv
BIN := $(VENV)/bin

# `make scan DIR=path/to/your/code` judges your code. Further options of Checkov go into ARGS.
DIR ?=
ARGS ?=

.PHONY: help test test-reports test-documents scan format wheel clean
.DEFAULT_GOAL := help

help:
	@echo 'make scan              judge the bundled samples; the bad ones are meant to fail'
	@echo 'make scan DIR=path     judge your own code: Terraform, its plans, CloudFormation'
	@echo 'make test              run everything that CI runs'
	@echo 'make test-reports      hold the reports against a browser, GitHub, GitLab and the SARIF multitool'
	@echo 'make test-documents    hold the documents against real runs, and the repairs of the samples against terraform'
	@echo 'make format            put the code into its standard form'
	@echo 'make wheel             build the package into dist/'
	@echo 'make clean             remove $(VENV) and all caches'
	@echo
	@echo 'PYTHON=python3.13      use another interpreter      CHECKOV=checkov==X.Y.Z  use another Checkov'
	@echo "ARGS='-o json'         further options, of ctkms scan and of Checkov"

# Every check runs, whatever the others say, so that one run shows all there is to mend.
test:
	@$(PYTHON) .ci/environment.py '$(VENV)' '$(CHECKOV)' --group dev
	@status=0; \
	echo '== ruff';   $(BIN)/ruff check . || status=1; \
	echo '== format'; $(BIN)/ruff format --check . || status=1; \
	echo '== syntax'; $(BIN)/python .ci/python39.py checks || status=1; \
	echo '== mypy';   if [ -x $(BIN)/mypy ]; then $(BIN)/mypy || status=1; else echo 'left out on this Python'; fi; \
	echo '== pytest'; $(BIN)/python -m pytest -n 2 --dist loadfile || status=1; \
	[ $$status -eq 0 ] && echo '== all passed' || echo '== something failed, see above'; \
	exit $$status

# Needs node and npm, and the network for what they install; see the head of the script.
test-reports:
	@$(PYTHON) .ci/environment.py '$(VENV)' '$(CHECKOV)' --group dev
	@$(BIN)/python tools/report-checks/check.py build/reports

# Needs terraform for `terraform fmt`, and says so where there is none.
test-documents:
	@$(PYTHON) .ci/environment.py '$(VENV)' '$(CHECKOV)' --group dev
	@$(BIN)/python tools/excerpts.py --check
	@$(BIN)/python tools/channels.py --check
	@$(BIN)/python tools/repairs.py --unsafe

# One run for each folder: with two, Checkov 3.3.30 may judge the first one twice and the second never.
# The samples name modules that are meant to be out of reach, and Checkov would warn of each.
scan:
	@$(PYTHON) .ci/environment.py '$(VENV)' '$(CHECKOV)'
ifeq ($(strip $(DIR)),)
	@for folder in terraform_samples cloudformation_samples; do \
	  echo "== $$folder: the bad ones fail on purpose"; \
	  LOG_LEVEL=$${LOG_LEVEL:-ERROR} $(BIN)/python checks scan $$folder --soft-fail $(ARGS) || exit; \
	done
else
	@$(BIN)/python checks scan '$(DIR)' $(ARGS)
endif

format:
	@$(PYTHON) .ci/environment.py '$(VENV)' '$(CHECKOV)' --group dev
	@$(BIN)/ruff check --fix-only . && $(BIN)/ruff format .

wheel:
	@$(PYTHON) .ci/environment.py '$(VENV)' '$(CHECKOV)'
	@$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir dist .

clean:
	rm -rf '$(VENV)' dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
