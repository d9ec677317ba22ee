# firstmile: what people and CI run. `make help` lists it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SCHEMA := .cache/github-schema
PERCEVAL := .cache/perceval
EMBEDDINGS := .cache/embeddings
LAB := .cache/lab
PEERS := .cache/peers
FUZZ := .cache/fuzz
PURELIB := import sysconfig; print(sysconfig.get_path('purelib'))
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Tests start some hundred processes, each of which would compile the package anew.
unexport PYTHONDONTWRITEBYTECODE
# Two workers on two cores: a numeric library that also starts two threads makes both wait.
PYTEST := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist worksteal --ignore tests/endurance
LOCK := $(BIN)/uv pip compile --quiet pyproject.toml --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-annotate --no-header

.DEFAULT_GOAL := help
.PHONY: help study test test-long test-browser schema endure knowledge lab fuzz eval figures check lint types format bench coverage docs docs-check lock wheel clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(VENV)/study.stamp: requirements/study.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/study.txt
	$(BIN)/python -m pip install --quiet --no-build-isolation --no-deps --no-index -e .
	@touch $@

$(VENV)/dev.stamp: requirements/dev.txt $(VENV)/study.stamp
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/dev.txt
	@touch $@

$(VENV)/bench.stamp: requirements/bench.txt $(VENV)/dev.stamp
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/bench.txt
	@touch $@

study: $(VENV)/study.stamp ## set up, then analyze the embedded data into ./report
	@$(BIN)/firstmile study report --out report

test: $(VENV)/dev.stamp schema $(PERCEVAL)/stamp ## set up, then run the tests
	$(PYTEST) -m "every_run or not (browser or long)"

test-long: $(VENV)/dev.stamp ## the tests that take seconds each: training again, large grids, many copies
	$(PYTEST) -m "long and not browser"

test-browser: $(VENV)/dev.stamp ## click through every page in Chromium, at two widths
	$(PYTEST) -m "browser and not every_run"

# Perceval is GPL-3 and only compared with, so it gets an environment of its own.
$(PERCEVAL)/stamp: requirements/perceval.txt
	$(PYTHON) -m venv $(PERCEVAL)
	$(PERCEVAL)/bin/python -m pip install --quiet --require-hashes -r requirements/perceval.txt
	@touch $@

schema: ## fetch GitHub's published GraphQL schema, which our queries are checked against
	@test -f $(SCHEMA)/schema.graphql || ! command -v npm >/dev/null || { mkdir -p $(SCHEMA) && \
	  npm pack --silent --pack-destination $(SCHEMA) @octokit/graphql-schema@15.26.1 >/dev/null && \
	  tar -xzf $(SCHEMA)/*.tgz -C $(SCHEMA) --strip-components=1 package/schema.graphql; } || \
	  echo "GitHub's schema could not be fetched; its test is skipped."

endure: $(VENV)/dev.stamp ## kill collecting 100 times and the pages 50 times: nothing lost, nothing doubled
	FIRSTMILE_KILLS=100 $(BIN)/python -m pytest tests/endurance/test_kill_collecting.py
	FIRSTMILE_KILLS=50 $(BIN)/python -m pytest tests/endurance/test_kill_serving.py

lint: $(VENV)/dev.stamp ## ruff: rules and layout
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/dev.stamp ## mypy, strict
	$(BIN)/mypy

check: lint types test ## everything a commit needs

format: $(VENV)/dev.stamp ## lay the code out
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/bench.stamp ## time the study and write docs/speed.md
	$(BIN)/python -m bench.speed --write docs/speed.md $(if $(PUBLISHED),--published $(PUBLISHED))

coverage: $(VENV)/dev.stamp ## measure how often each interval covers and write docs/interval-coverage.md
	$(BIN)/python -m bench.interval_coverage --write docs/interval-coverage.md

knowledge: $(VENV)/dev.stamp ## index codebook and entries and train the classifier anew, after a change of either
	$(BIN)/python -m firstmile.taxonomy.indexing
	$(BIN)/python -m firstmile.knowledge.indexing
	OMP_NUM_THREADS=1 $(BIN)/python -m bench.training

$(FUZZ)/stamp: requirements/study.txt requirements/fuzz.txt
	$(PYTHON) -m venv $(FUZZ)
	$(FUZZ)/bin/python -m pip install --quiet --require-hashes -r requirements/study.txt
	$(FUZZ)/bin/python -m pip install --quiet --require-hashes -r requirements/fuzz.txt
	@touch $@

fuzz: $(FUZZ)/stamp ## fuzz the diagnosis for an hour, in slices; stop it, run it again and it goes on
	PYTHONPATH=src nice -n 15 $(FUZZ)/bin/python -m fuzz.slices

# Two environments: today's libraries, and a transformers of late 2024 that borrows the rest of them.
$(LAB)/stamp: requirements/lab.txt requirements/lab-older.txt
	$(PYTHON) -m venv $(LAB)
	$(LAB)/bin/python -m pip install --quiet torch==2.13.0
	$(LAB)/bin/python -m pip install --quiet -r requirements/lab.txt
	$(PYTHON) -m venv $(LAB)-4.46
	$(LAB)-4.46/bin/python -m pip install --quiet --no-deps -r requirements/lab-older.txt
	$(LAB)/bin/python -c "$(PURELIB)" > "$$($(LAB)-4.46/bin/python -c "$(PURELIB)")/rest.pth"
	@touch $@

lab: $(VENV)/dev.stamp $(LAB)/stamp ## run every seeded fault and healthy run, rewrite logs that changed, compare
	OMP_NUM_THREADS=1 $(BIN)/python tests/lab/record.py
	OMP_NUM_THREADS=1 $(BIN)/python tests/lab/record_folders.py

$(EMBEDDINGS)/stamp: requirements/embeddings.txt
	$(PYTHON) -m venv $(EMBEDDINGS)
	$(EMBEDDINGS)/bin/python -m pip install --quiet torch==2.13.0
	$(EMBEDDINGS)/bin/python -m pip install --quiet -r requirements/embeddings.txt
	@touch $@

eval: $(VENV)/dev.stamp $(EMBEDDINGS)/stamp ## measure how often diagnoses are right and write docs/diagnosing.md
	HF_HUB_OFFLINE=1 $(BIN)/python -m bench.diagnosing --embeddings $(EMBEDDINGS)/bin/python --write docs/diagnosing.md

# Tools that are only compared with keep to an environment of their own.
$(PEERS)/stamp: requirements/peers.txt
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet --require-hashes -r requirements/peers.txt
	@touch $@

figures: $(VENV)/dev.stamp $(PERCEVAL)/stamp $(LAB)/stamp $(PEERS)/stamp ## measure collecting, screening, agreement, pages, scanning, memory and checks, and write their docs
	$(BIN)/python -m bench.collecting --write docs/collecting.md
	$(BIN)/python -m bench.event_files --write docs/event-files.md
	$(BIN)/python -m bench.screening --write docs/screening.md
	$(BIN)/python -m bench.recall_coverage --write docs/recall-coverage.md
	$(BIN)/python -m bench.agreement --write docs/agreement.md
	$(BIN)/python -m bench.pages --write docs/pages.md
	$(BIN)/python -m bench.scanning --write docs/scanning.md
	$(BIN)/python -m bench.diagnosing_speed --write docs/diagnosing-speed.md
	$(BIN)/python -m bench.memory --lab $(LAB)/bin/python --hf-mem $(PEERS)/bin/python --write docs/memory.md
	$(BIN)/python -m bench.checking --lab $(LAB)/bin/python --peers $(PEERS)/bin/python --write docs/check-speed.md
	$(BIN)/python -m bench.smallest_changes --write docs/smallest-changes.md

docs: $(VENV)/dev.stamp ## write the generated pages of docs/ and README.md
	$(BIN)/python docs/generate.py

docs-check: $(VENV)/dev.stamp ## say whether the generated pages are up to date
	$(BIN)/python docs/generate.py --check

lock: $(VENV)/dev.stamp ## resolve the requirement files anew
	$(BIN)/python -m pip install --quiet uv
	$(LOCK) --extra study --group build -o requirements/study.txt
	$(LOCK) --extra all --group dev -o requirements/dev.txt
	$(LOCK) --extra all --group bench -o requirements/bench.txt
	echo atheris==3.0.0 | $(BIN)/uv pip compile --quiet - --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-annotate --no-header -o requirements/fuzz.txt
	echo perceval==1.6.1 | $(BIN)/uv pip compile --quiet - --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-annotate --no-header -o requirements/perceval.txt
	printf 'env-doctor==0.3.5\nhf-mem==0.5.6\n' | $(BIN)/uv pip compile --quiet - --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-annotate --no-header -o requirements/peers.txt

wheel: $(VENV)/dev.stamp ## build the wheel into dist/
	$(BIN)/python -m pip wheel --quiet --no-build-isolation --no-deps --no-index -w dist .

clean: ## remove the environment and everything generated
	rm -rf $(VENV) build dist report .mypy_cache .ruff_cache .pytest_cache .hypothesis
