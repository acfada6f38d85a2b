#!/usr/bin/env bash
# Fuzzes the readers of queues and plans, guided by coverage, with the stable compiler.
#
#   scripts/fuzz.sh                 every target, a million cases in all, two targets at a time
#   scripts/fuzz.sh TARGET FILE     one case again, e.g. one that crashed
#
# FUZZ_TIMES=10 multiplies the cases, FUZZ_SEED=7 takes other ones. With one seed runs are alike, not
# equal: hash maps are seeded by the system, and what they do is part of the coverage.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

fuzz=$PWD/datasets/queue/fuzz
out=${CARGO_TARGET_DIR:-$PWD/target}/fuzz
seed=${FUZZ_SEED:-1}
times=${FUZZ_TIMES:-1}
# Cases and longest input in bytes. A case of `plan` is a whole check.
declare -A cases=([structured]=800000 [bytes]=200000 [plan]=60000)
declare -A longest=([structured]=1024 [bytes]=512 [plan]=256)

# The flags stand in the folder's own configuration; those of the environment would replace them.
fuzz_cargo() {
    (cd "$fuzz" && env -u RUSTFLAGS CARGO_TARGET_DIR="$out" "${CARGO:-cargo}" "$@" --release --locked --quiet)
}

# Builds the targets, and tests what they make their cases with.
build() {
    fuzz_cargo build
    fuzz_cargo test --lib >/dev/null
    bin=$(dirname "$(find "$out" -path '*/release/structured' -type f | head -n 1)")
}

# Runs a target on inputs of its own, kept nowhere: no run depends on another.
run() {
    local target=$1 wanted=$((cases[$1] * times)) log=$out/$1.log found
    found=$(mktemp -d)
    local inputs=("$found")
    if [ -d "$fuzz/seeds/$target" ]; then inputs+=("$fuzz/seeds/$target"); fi
    "$bin/$target" -seed="$seed" -runs="$wanted" -max_len="${longest[$target]}" -dict="$fuzz/words.dict" \
        -timeout=5 -rss_limit_mb=1024 -max_total_time=$((300 * times)) -print_final_stats=1 \
        -artifact_prefix="$out/$target-" "${inputs[@]}" >"$log" 2>&1 || crashed "$target" "$log"
    rm -rf "$found"
    tell "$target" "$log" "$wanted"
}

# The end of the log and the one line that repeats it.
crashed() {
    tail -n 40 "$2" >&2
    local file
    file=$(sed -n 's/.*Test unit written to //p' "$2" | tail -n 1)
    echo "fuzz: $1 failed; again with: scripts/fuzz.sh $1 $file" >&2
    exit 1
}

# A line a target: cases, coverage, share past the parser.
tell() {
    local ran coverage past
    ran=$(sed -n 's/^stat::number_of_executed_units: //p' "$2")
    coverage=$(grep -o 'cov: [0-9]* ft: [0-9]*' "$2" | tail -n 1)
    past=$(grep '^past the parser' "$2")
    echo "fuzz: $1: $ran cases, $coverage, $past"
    if [ "$ran" -lt "$3" ]; then
        echo "fuzz: $1: stopped by the time limit before $3 cases" >&2
        exit 1
    fi
}

build
if [ $# -eq 2 ]; then exec "$bin/$1" "$2"; fi
# Each in a shell of its own: one that fails lets the other end.
run structured & first=$!
(run bytes; run plan) & second=$!
status=0
wait "$first" || status=1
wait "$second" || status=1
exit "$status"
