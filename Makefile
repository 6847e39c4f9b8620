.PHONY: say test test-espeak lint stress bench

say: ; @scripts/say.sh

test: ; @scripts/test.sh

test-espeak: ; @scripts/test.sh espeak

lint: ; @scripts/lint.sh

stress: ; @scripts/stress.sh

bench: ; @scripts/bench.sh
