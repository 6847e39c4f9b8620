.PHONY: say test test-espeak lint bench

say: ; @scripts/say.sh

test: ; @scripts/test.sh

test-espeak: ; @scripts/test.sh espeak

lint: ; @scripts/lint.sh

bench: ; @scripts/bench.sh
