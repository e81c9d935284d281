#!/usr/bin/env bash
# `warren compare --target both` on nodes of RabbitMQ that it starts itself, ended by Ctrl-C while they start and half way through
# the work: the exit code is 130, what was done is written, and no process and no folder is left. Called by run.sh.
set -uo pipefail
set -m # or SIGINT would be ignored by what is started in the background
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
place=$(mktemp -d)
# By the temporary folder that only they have.
ours() { HOME=/ grep -lzsxF "TMPDIR=$place" /proc/[0-9]*/environ | cut -d/ -f3; }
finish() {
  local left
  left=$(ours)
  # shellcheck disable=SC2086
  [ -z "$left" ] || kill -KILL $left
  rm -rf "$place"
}
trap finish EXIT
die() { echo "FAILED: $*" >&2; exit 1; }

starting() { compgen -G "$place/warren-rabbitmq-*/r1/vm.pid" >/dev/null; }
working() { grep -qs 'accepting AMQP connection' "$place"/warren-rabbitmq-*/r?/log/*.log; }

interrupted() { # moment, the group (as a terminal does) or the process alone
  local moment=$1 whom=$2 pid code left _
  TMPDIR=$place node dist/cli.js compare library:lost-at-consumer --target both --json "$place/result.json" >/dev/null &
  pid=$!
  for _ in $(seq 1500); do
    "$moment" && break
    kill -0 "$pid" 2>/dev/null || die "the command ended before its nodes were $moment"
    sleep 0.2
  done
  [ "$whom" = group ] && pid=-$pid
  kill -INT -- "$pid"
  wait "${pid#-}"
  code=$?
  [ "$code" -eq 130 ] || die "$moment: the exit code is $code"
  left=$(ours)
  # shellcheck disable=SC2086
  [ -z "$left" ] || die "$moment: left running: $(ps -o pid=,args= -p ${left//$'\n'/,} | cut -c1-200)"
  left=$(find "$place" -mindepth 1 ! -name result.json)
  [ -z "$left" ] || die "$moment: left behind: $left"
  node -e '
    const { runs, failures } = JSON.parse(require("node:fs").readFileSync(process.argv[1], "utf8"))
    const told = runs.some(({ target }) => target === "emulated") && failures[0]?.reason === "interrupted"
    process.exit(told ? 0 : 1)' "$place/result.json" || die "$moment: what was done is not told"
  rm "$place/result.json"
  echo "interrupted while $moment: nothing is left"
}

interrupted starting group
interrupted working process
