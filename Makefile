# The commands of Toolshelf. Each installs first what is missing; nothing outside this folder is changed.

PYTHON ?= python3
RUN = @$(PYTHON) cms/bootstrap.py

.DEFAULT_GOAL := help
.PHONY: help up test check schema bench chaos

help: ## Show the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

up: ## Start CMS, front end and worker with demo content on ports 8000 and 4321 (PORT=…, FRONTEND_PORT=…); Ctrl-C stops
	@exec $(PYTHON) cms/bootstrap.py .venv/bin/python manage.py up

test: ## Run all tests: Python on SQLite and PostgreSQL, front end, browser
	$(RUN) .venv/bin/python tests/run.py

check: ## Check style, types, imports, migrations, settings, the printed schema and the front end
	$(RUN) .venv/bin/ruff check .
	$(RUN) .venv/bin/ruff format --check .
	$(RUN) .venv/bin/lint-imports
	$(RUN) .venv/bin/mypy
	$(RUN) .venv/bin/python manage.py makemigrations --check --dry-run
	$(RUN) .venv/bin/python manage.py check --fail-level WARNING
	$(RUN) .venv/bin/python manage.py print_schema --check
	$(RUN) .venv/bin/npm --prefix frontend run check

schema: ## Write api/schema.graphql anew from the code
	$(RUN) .venv/bin/python manage.py print_schema

bench: ## Measure API, site, preview and how soon readers have a change, and write docs/performance.md (ARTICLES="1000 100000" compares sizes)
	$(RUN) .venv/bin/python -m bench.delivery $(if $(ARTICLES),--articles $(ARTICLES))
	$(RUN) .venv/bin/python -m bench.site
	$(RUN) .venv/bin/python -m bench.edge

chaos: ## Hurt a site in every way that it has to survive (docs/faults.md); FAULTS="overload soak" names some
	$(RUN) .venv/bin/python -m chaos $(FAULTS)
