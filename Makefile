# Every target sets up what it needs; a second run has nothing left to do.
SHELL := /bin/sh
VENV := .venv
READY := $(VENV)/.ready
EXTRAS := $(VENV)/.extras
RUN := PATH="$(CURDIR)/$(VENV)/bin:$$PATH"
ARGS ?=
# Tests run in two processes, a file at a time: most of their time is waiting for a browser.
TOGETHER := -n 2 --dist loadfile

.DEFAULT_GOAL := help
.PHONY: help setup demo test nightly lint bench clean

help:  ## say what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY)  ## make .venv and find or install Chromium and node

$(READY): pyproject.toml constraints.txt scripts/setup.sh
	@sh scripts/setup.sh
	@touch $@

$(EXTRAS): $(READY)
	@echo "setup: installing what reads pictures, runs models and speaks to phones, for the tests (about 400 MB)"
	@$(VENV)/bin/python -c "import tomllib; \
		extras = tomllib.load(open('pyproject.toml', 'rb'))['project']['optional-dependencies']; \
		print(*extras['ocr'], *extras['gguf'], *extras['android'], *extras['harmony'], *extras['gym'], *extras['mcp'], *extras['linux'], *extras['share'], sep='\n')" > $(VENV)/extras.txt
	@$(VENV)/bin/python -m pip --disable-pip-version-check --no-input install --retries 5 -q -c constraints.txt \
		-r $(VENV)/extras.txt
	@sh scripts/linux_phone.sh && touch $@ || echo "setup: it is tried again with the next make test"

demo: $(READY)  ## learn one experience from two recordings, play it with new values, judge it
	@$(RUN) ostinato demo $(ARGS)

test: $(EXTRAS)  ## run all tests but the nightly ones
	@sh scripts/linux_phone.sh --check
	@$(RUN) python -m pytest $(TOGETHER) -m "not nightly" $(ARGS)

nightly: $(EXTRAS)  ## run the slow tests
	@sh scripts/linux_phone.sh --check
	@$(RUN) python -m pytest $(TOGETHER) -m nightly $(ARGS)

lint: $(EXTRAS)  ## ruff, mypy and the floors of the house
	@$(RUN) ruff check .
	@$(RUN) mypy
	@$(RUN) lint-imports

bench: $(EXTRAS)  ## measure (ARGS=--quick for less than a minute)
	@$(RUN) python -m benchmarks.main_job $(ARGS)

clean:  ## remove .venv and all that was built; recordings and installed apps stay
	rm -rf $(VENV) .setup build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find src tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
