.PHONY: say test lint bench

say: ; @scripts/say.sh

test: ; @scripts/test.sh

lint: ; @scripts/lint.sh

bench: ; @scripts/bench.sh
