# The two commands of this project are `make demo` and `make test`; both set up what they need.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# The flavour of the extension: `release` ships, `quick` builds in seconds.
PROFILE ?= release
PLUGINS := $(wildcard plugins/*/pyproject.toml)
RUST_SOURCES := $(shell find rust -name '*.rs' -o -name 'Cargo.toml') Cargo.toml Cargo.lock
STAMP := $(VENV)/.built-$(PROFILE)

.PHONY: demo test test-rust test-python lint bench bench-rust build wheel clean generate parity sanitize help

help:  ## What there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 14

demo: build  ## Train LeNet-5 on the digits in the wheel
	@$(BIN)/python examples/lenet5_digits.py

test: lint test-rust test-python  ## Everything that CI runs

test-rust:
	cargo test --profile quick --workspace --exclude nncore-python

test-python: build
	$(BIN)/python -m pytest
	@for p in $(dir $(PLUGINS)); do $(BIN)/python -m pytest $$p || exit 1; done

lint: build
	cargo fmt --all --check
	cargo clippy --profile quick --workspace --all-targets -- -D warnings
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m mypy.stubtest nncore._core
	$(BIN)/python tools/generate.py --check

generate:  ## Write the stubs and the pages of ops, components and commands anew from their definitions
	@$(MAKE) --no-print-directory build PROFILE=quick
	$(BIN)/python tools/generate.py
	$(BIN)/python tests/face/nn_stub.py --write
	$(BIN)/python tests/docs/cli_page.py --write
	$(BIN)/python tests/docs/components_page.py --write

parity: build  ## Every op beside PyTorch's function of that name (PEERS=python with torch)
	PYTHONPATH=python $(or $(PEERS),$(BIN)/python) tools/parity.py

sanitize:  ## The kernels' and the core's Rust tests under the address sanitizer
	RUSTC_BOOTSTRAP=1 RUSTFLAGS=-Zsanitizer=address cargo test --profile quick --target-dir target/sanitize \
		--target $(shell rustc -vV | sed -n 's/host: //p') -p nncore-kernels -p nncore --tests

bench: build  ## Beside the peers that are installed (PEERS=python of another environment)
	$(BIN)/python benches/python/run.py $(if $(PEERS),--peers $(PEERS))

bench-rust:  ## Kernel by kernel
	cargo bench -p nncore-kernels -p nncore

build: $(STAMP)

# pip asks no network for what is there already, so that all of this works offline the second time.
$(BIN)/maturin:
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --disable-pip-version-check 'maturin>=1.8,<2'

$(STAMP): $(BIN)/maturin pyproject.toml $(RUST_SOURCES) $(PLUGINS)
	PIP_QUIET=1 PIP_DISABLE_PIP_VERSION_CHECK=1 VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/maturin develop --quiet --profile $(PROFILE) --extras dev
	@for p in $(dir $(PLUGINS)); do $(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e $$p || exit 1; done
	@rm -f $(VENV)/.built-*
	@touch $@

wheel: $(BIN)/maturin  ## The wheel, in target/wheels
	$(BIN)/maturin build --release --compression-level 9

clean:
	rm -rf $(VENV) target
