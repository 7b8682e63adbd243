# `make up` and `make test` need Python 3.11 or later and nothing else; uv is used where it is.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: up test test-all check lint mypy pyright system bench bench-panel editor screenshots clean

up: .venv/up
	@$(BIN)/qlmodels up

test: .venv/dev system
	env -u DATABASE_URL $(BIN)/python -m pytest -n 2 --dist loadgroup -m "not slow and not long" $(PYTEST)

test-all: check system
	env -u DATABASE_URL $(BIN)/python -m pytest -n 2 --dist loadgroup $(PYTEST)

check: lint mypy pyright

lint: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

mypy pyright: .venv/dev
	$(BIN)/$@

system:
	tests/system.sh

bench: .venv/dev
	env -u DATABASE_URL $(BIN)/python -m benchmarks $(BENCH)

# the README's pictures, of a demo fleet that learns for a minute and a half
screenshots: .venv/dev
	$(BIN)/python -m tests.screenshots

# CodeMirror and uPlot anew, by npm; what it writes is kept in the repository
editor:
	cd admin/editor && npm ci && npm run build

bench-panel: .venv/dev
	env -u DATABASE_URL $(BIN)/python -m benchmarks.panel $(BENCH)

.venv/up: pyproject.toml
	$(call install,.[all])

.venv/dev: pyproject.toml
	$(call install,.[dev])
	@touch .venv/up

define install
	@if command -v uv >/dev/null; \
	then uv venv --quiet --allow-existing && uv pip install --quiet -e '$(1)'; \
	else $(PYTHON) -m venv .venv && $(BIN)/pip install --quiet --disable-pip-version-check -e '$(1)'; \
	fi
	@touch $@
endef

clean:
	rm -rf .venv build dist
