# make demo    the whole site with demo content, at http://127.0.0.1:8000/   (PORT=…, GRAPH_PORT=…)
# make test    everything CI runs, on SQLite; on PostgreSQL too with TEST_DB_NAME=…
# make lint    ruff and mypy
# make messages  gather and compile the words to translate (needs GNU gettext)
# make bench   reproducible comparisons of the model

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
GRAPH_PORT ?= 7688
export PORT GRAPH_PORT

.PHONY: demo test lint bench messages requirements clean

demo: $(VENV)/.site
	@exec $(BIN)/python manage.py demo --port $(PORT)

# Shared out among as many processes as there are cores; then what is timed, alone (5: nothing is).
test: $(VENV)/.dev
	$(BIN)/python -m pytest -n auto --dist loadgroup --no-loadscope-reorder -m "not alone" $(ARGS)
	$(BIN)/python -m pytest -m alone $(ARGS) || [ $$? = 5 ]

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/.dev
	$(BIN)/python benchmarks/catalogue.py

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; $$($(PYTHON) --version 2>&1) is $(PYTHON). Try: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
	  { echo "Python's venv module is missing. On Debian and Ubuntu: apt-get install python3-venv"; rm -rf $(VENV); exit 1; }

$(VENV)/.site: requirements.txt | $(VENV)/bin/python
	@echo "Installing packages (once; PyTorch is large) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt pyproject.toml $(VENV)/.site
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

messages: $(VENV)/.site
	$(BIN)/python manage.py makemessages -l de -l hi --no-location --no-obsolete -e html,py,txt,webmanifest \
	  -i $(VENV) -i tests -i benchmarks -i var -i build
	$(BIN)/python manage.py compilemessages -i $(VENV) -i var

# Needs uv (pip install uv).
requirements:
	uv pip compile --quiet --universal --python-version 3.11 --no-header requirements.in -o requirements.txt
	uv pip compile --quiet --universal --python-version 3.11 --no-header requirements-dev.in -o requirements-dev.txt

clean:
	rm -rf $(VENV) var build dist *.egg-info
