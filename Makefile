# Targets for people and for CI; `make help` lists them. Nothing has to be set
# up before: Go fetches what it needs.

# The same flags for every go command, so that build, test and vet share what
# is compiled. What the user has set stays.
export GOFLAGS := $(filter-out -trimpath,$(shell go env GOFLAGS 2>/dev/null)) -trimpath

# The demo keeps its exports and its store in ./demo.
DEMO := demo
SEED := 1

# Packages that are quick to build and run under the race detector.
QUICK := . ./internal/meter ./internal/identity ./internal/tag ./internal/iamrule ./internal/owners ./internal/callers ./internal/explore/... \
	./internal/source/... ./internal/blob/... ./internal/costexplorer ./internal/awssetup ./internal/parquetcheck ./internal/engine/mem ./internal/engine/sqlgen ./internal/estate ./internal/reconcile

export FUZZTIME ?= 10s
KILLS ?= 20

.DEFAULT_GOAL := build
.PHONY: help prerequisites build test demo check format vet lint race fuzz crash random mutants prove bench clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

prerequisites: ## name what is missing to build: Go, gcc, g++
	@scripts/prerequisites.sh

build: prerequisites ## build bin/showback
	go build -o bin/showback ./cmd/showback

test: prerequisites ## run all tests
	go test ./...

demo: build ## a made-up company, its bills and two answers, in ./demo
	@bin/showback demo --seed $(SEED) --exports $(DEMO)/bills --store $(DEMO)/store
	@echo "showback is bin/showback here; README.md says how to import a bill of your own"

check: ## all that CI runs
	.ci/run

format: ## fail when a file is not as gofmt writes it
	@out=$$(gofmt -l $$(git ls-files '*.go')); test -z "$$out" || { echo "gofmt these files:"; echo "$$out"; exit 1; }

vet: prerequisites ## go vet
	go vet ./...

lint: prerequisites bin/golangci-lint ## golangci-lint, the version that tools/go.mod pins
	bin/golangci-lint run

bin/golangci-lint: tools/go.mod tools/go.sum
	go build -C tools -o ../bin/golangci-lint github.com/golangci/golangci-lint/v2/cmd/golangci-lint

race: prerequisites ## tests of the quick packages under the race detector
	go test -race $(QUICK)

fuzz: prerequisites ## run every fuzz target for FUZZTIME (10s)
	@scripts/fuzz.sh

crash: prerequisites ## kill KILLS (20) imports, as many changes of all kinds, and of tags, at random moments
	SHOWBACK_TEST_KILLS=$(KILLS) go test ./internal/ingest ./internal/cli ./internal/directory -run Killed -count 1 -v

prove: build ## prove the demo, a million rows, a bucket and the AWS API from the outside
	@scripts/prove_demo.sh
	@scripts/prove_million.sh
	@scripts/prove_bucket.sh
	@scripts/prove_account.sh

QUESTIONS ?= 2000

random: prerequisites ## compare QUESTIONS (2000) random questions with the oracle
	SHOWBACK_TEST_QUESTIONS=$(QUESTIONS) go test ./internal/engine/duckdb -run '^TestRandom$$' -count 1 -v -timeout 20m

mutants: prerequisites ## plant faults that the random comparison must find
	@scripts/mutants.sh

bench: build ## measure everything beside its yardsticks; BENCH='-run month -n 3' for a part
	go run ./internal/bench $(BENCH)

clean: ## remove what make made
	rm -rf bin $(DEMO)
