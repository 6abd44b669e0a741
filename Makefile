# Two commands for newcomers: `make run` and `make test`. Both need Python 3.11-3.13 and make, and create .venv.
# PYTHON=/path/to/python makes another interpreter the first choice.

.PHONY: run test test-slow check bench
.DELETE_ON_ERROR:

PYTHON ?=
VENV := .venv
VENV_PYTHON := $(VENV)/bin/python
UNFINISHED := $(VENV)/.unfinished

# Exit code 0: fits; 3: right version, but it cannot create environments; other: not there, broken or another version.
PROBE := import sys; (3, 11) <= sys.version_info[:2] <= (3, 13) or sys.exit(4); \
	import importlib.util as u; sys.exit(0 if u.find_spec("venv") and u.find_spec("ensurepip") else 3)

run: $(VENV)/.installed
	$(VENV_PYTHON) -m streamlit run streamlit_app.py

test: $(VENV)/.installed-dev
	$(VENV_PYTHON) -m pytest -n 2

test-slow: $(VENV)/.installed-dev
	$(VENV_PYTHON) -m pytest -m slow -n 2 --dist loadfile --ignore tests/browser
	$(VENV_PYTHON) -m pytest -m slow tests/browser

check: $(VENV)/.installed-dev
	$(VENV_PYTHON) -m ruff check .
	$(VENV_PYTHON) -m ruff format --check .
	$(VENV_PYTHON) -m mypy

bench: $(VENV)/.installed-dev
	$(VENV_PYTHON) -m benchmarks.bench

$(VENV)/.installed: requirements.txt constraints.txt $(VENV)/.works
	$(call install,requirements.txt)

$(VENV)/.installed-dev: requirements.txt requirements-dev.txt constraints.txt $(VENV)/.works
	$(call install,requirements-dev.txt)
	@touch $(VENV)/.installed

# An installation that was cut short leaves packages that look complete; the next call then starts over.
define install
	@echo $$PPID > $(UNFINISHED)
	$(VENV_PYTHON) -m pip install --disable-pip-version-check -r $(1) -c constraints.txt
	@rm -f $(UNFINISHED)
	@touch $@
endef

# Looked at on every call, touched only when .venv is made.
$(VENV)/.works: always
	@if [ -e $@ ] && [ ! -e $(UNFINISHED) ] && $(VENV_PYTHON) -c '$(PROBE)' 2>/dev/null; then exit 0; fi; \
	if [ -e $(UNFINISHED) ] && kill -0 "$$(cat $(UNFINISHED))" 2>/dev/null; then \
	    echo "Another make is installing into $(VENV); wait until it is done and try again." >&2; exit 1; \
	fi; \
	lacking=; \
	for python in $(if $(PYTHON),"$(PYTHON)") python3.13 python3.12 python3.11 python3 python; do \
	    "$$python" -c '$(PROBE)' >/dev/null 2>&1; code=$$?; \
	    if [ $$code -eq 3 ]; then lacking="$${lacking:-$$python}"; fi; \
	    if [ $$code -ne 0 ]; then continue; fi; \
	    echo "Creating $(VENV) with $$python ($$("$$python" --version))"; \
	    rm -rf $(VENV); \
	    "$$python" -m venv $(VENV) && touch $@ && exit 0; \
	    rm -rf $(VENV); lacking="$${lacking:-$$python}"; \
	done; \
	if [ -n "$$lacking" ]; then \
	    version=$$("$$lacking" -c 'import sys; print("python%d.%d" % sys.version_info[:2])'); \
	    echo "$$lacking cannot create virtual environments: its modules venv and ensurepip are missing or broken."; \
	    echo "Install them (Debian and Ubuntu: sudo apt install $$version-venv) and try again."; \
	else \
	    echo "No Python 3.11, 3.12 or 3.13 was found (TensorFlow has no package for other versions)."; \
	    echo "Install one, from https://www.python.org/downloads/ or with your system's packages"; \
	    echo "(Debian 12: sudo apt install python3 python3-venv; macOS: brew install python@3.13), and try again."; \
	    echo "If it is not on the PATH: make PYTHON=/path/to/python3.13 ..."; \
	fi >&2; \
	exit 1

.PHONY: always
always:
