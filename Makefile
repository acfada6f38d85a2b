# Tradewind. `make demo` shows it, `make test` is the whole of CI.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
CARGO ?= cargo
# One profile for demo, test and bench smoke: polars and HiGHS are built once.
PROFILE := ci
# Where cargo builds.
BUILT := $(or $(CARGO_TARGET_DIR),target)/$(PROFILE)
NEXTEST := $(shell command -v cargo-nextest 2>/dev/null)

.PHONY: help setup build demo test fmt lint doc-test fuzz unit-test test-ui test-interop bench schema clean

help: ## Show the targets.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: ## Install what build and tests need and the machine lacks: cmake, libclang, C++, Python, SimPy.
	@scripts/setup.sh
	@scripts/simpy.sh || [ $$? -eq 75 ]

# Everything at once and with the tests: a package built alone has other features in its dependencies,
# and polars would be compiled a second time for `make test`.
build: setup ## Build the command and the tests.
	$(CARGO) test --profile $(PROFILE) --workspace --no-run

demo: build ## Plan and check the queue that ships with Tradewind.
	$(BUILT)/tradewind demo

test: setup fmt doc-test fuzz unit-test ## Everything CI runs.

fmt: ## Check the formatting, where rustfmt is there.
	@if $(CARGO) fmt --version >/dev/null 2>&1; then $(CARGO) fmt --all --check && cd datasets/queue/fuzz && $(CARGO) fmt --check; else echo "rustfmt is not installed: skipped"; fi

lint: setup ## Clippy on everything, warnings are errors.
	$(CARGO) clippy --profile $(PROFILE) --workspace --all-targets -- -D warnings

# Before the other tests, so that their closing line ends the output.
doc-test:
	$(CARGO) test --doc --profile $(PROFILE) --workspace

fuzz: setup ## A million cases against the readers; FUZZ_TIMES=10 for ten.
	@CARGO="$(CARGO)" scripts/fuzz.sh

unit-test:
ifdef NEXTEST
	$(CARGO) nextest run --cargo-profile $(PROFILE) --workspace
else
	$(CARGO) test --profile $(PROFILE) --workspace --lib --bins --tests --examples
endif

# By themselves, since they need a browser; the rest of what holds the pages is in unit-test.
test-ui: setup ## Open the pages in Chromium, installed where it is missing.
	@scripts/chromium.sh
	$(CARGO) test --profile $(PROFILE) --workspace --test whatif_browser -- --ignored

# By itself: it installs peers from npm and PyPI into target/interop. It needs the command, and one test is built with it, so
# that the dependencies have the features that they have in `make build`.
test-interop: setup ## Let other people's clients and the official suite drive our servers.
	$(CARGO) test --profile $(PROFILE) --workspace --no-run --test mcp_stdio
	@scripts/interop/peers.sh
	@scripts/interop/vendors.py
	scripts/interop/run.py $(BUILT)/tradewind

bench: setup ## Measure the figures of the README.
	$(CARGO) bench -p tradewind-benches

schema: setup ## Hold the JSON Schemas in docs/schema against what is read and written.
	$(CARGO) test --profile $(PROFILE) -p tradewind-cli --test schema

clean: ## Remove what was built.
	$(CARGO) clean
