# Tunggal needs python3 (3.11 or newer) and make; everything else is fetched into .venv, hash-checked.

PYTHON ?= python3
READY := .venv/.ready
BIN := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1

.DEFAULT_GOAL := help
.PHONY: help setup demo up bench bench-uniqueness letters storm storm-nightly security sbom test test-rules check lock clean clean-all

help: ## Say what there is
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## Make .venv with everything in it (a minute, once)

demo: $(READY) ## Record a whole city through a storm: RECORDINGS=2000 for a short one, IRISES=500 of them searched, SEED=8
	@$(BIN)/tunggal demo $(if $(RECORDINGS),--recordings $(RECORDINGS)) $(if $(IRISES),--irises $(IRISES)) $(if $(SEED),--seed $(SEED))

up: $(READY) ## Keep a centre and a region running with a sample city (EMPTY=1: without); Ctrl-C ends them
	@$(BIN)/tunggal up $(if $(EMPTY),--empty)

bench: $(READY) ## Measure speed and memory against this machine's own limits
	@$(BIN)/tunggal bench

bench-uniqueness: $(READY) ## Search irises in looks and in full and compare: .tunggal/uniqueness-report.json (minutes)
	@$(BIN)/tunggal bench-uniqueness $(if $(SCALE),--scale $(SCALE))

letters: $(READY) ## Invite the whole city's unrecorded: PDFs in .tunggal/letters, figures in .tunggal/office-report.json
	@$(BIN)/tunggal letters $(if $(RECORDINGS),--recordings $(RECORDINGS)) $(if $(SEED),--seed $(SEED))

storm: $(READY) ## Prove that nothing is lost or doubled: every fault by seed, .tunggal/storm-report.json (minutes)
	@$(BIN)/tunggal storm $(if $(SEED),--seed $(SEED)) $(if $(PART),--part $(PART)) $(if $(SCALE),--scale $(SCALE))

storm-nightly: $(READY) ## The same, many times longer: for a night
	@$(BIN)/tunggal storm --scale $(or $(SCALE),20)

security: $(READY) ## Attack it and check the figures: .tunggal/security-report.json; FULL=1 measures speeds too
	@rm -f .tunggal/security-report.json
	@$(if $(FULL),SECURITY_FULL=1) $(BIN)/pytest -n 2 -m security $(ARGS); stood=$$?; \
	$(BIN)/python -m services.command.bench.flood || stood=1; \
	$(if $(FULL),$(BIN)/python -m services.command.bench.sealing || stood=1;) \
	$(BIN)/python -m deploy.checks.security $(if $(FULL),--full) && exit $$stood

test: $(READY) ## Run every test; ARGS="-k storm" for some
	@$(BIN)/pytest -n 2 $(ARGS)

test-rules: $(READY) ## Run the tests of the pure rules: seconds
	@$(BIN)/pytest -m rules $(ARGS)

check: $(READY) ## Lint, format, types, import contracts, sizes, addresses, Dockerfile, compose file
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m deploy.checks.no_addresses
	@$(BIN)/python -m deploy.checks.sizes
	@if [ -f deploy/Dockerfile ]; then $(BIN)/hadolint deploy/Dockerfile; fi
	@if docker compose version >/dev/null 2>&1; then DB_PASSWORD=check docker compose config -q; \
	else echo "No docker compose here: docker-compose.yml is not checked."; fi

lock: ## Pin the dependencies of pyproject.toml anew, with hashes
	@sh deploy/lock.sh $(PYTHON)

sbom: $(READY) ## Name every package, its hashes and licence: .tunggal/sbom.cdx.json (CycloneDX 1.6)
	@$(BIN)/python -m deploy.checks.sbom

clean: ## Stop what was started here and delete its data (.tunggal, wherever it lives) and all caches
	@python=$(BIN)/python; [ -x $$python ] || python=$(PYTHON); \
	$$python -m shared.database.embedded remove .tunggal
	@rm -rf .tunggal .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -path ./.venv -prune -o -name __pycache__ -type d -exec rm -rf {} +

clean-all: clean ## The same, and .venv too
	@rm -rf .venv

$(READY): requirements-dev.lock pyproject.toml
	@sh deploy/bootstrap.sh $(PYTHON)
	@touch $@
