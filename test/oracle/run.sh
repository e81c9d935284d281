#!/usr/bin/env bash
# Compares Warren with a real RabbitMQ that it installs (Debian's package) and starts on loopback; it never runs the package's
# own service, and stops its nodes however it ends. Without arguments: the specification in test/broker on both, then a part of
# the catalogue asked anew of three real nodes and a few generated scenarios on both, other ones every day; a scenario of the library
# on both (`npm run compare:library` has all); and `warren compare` interrupted.
# `npm run test:oracle [-- FILTER...]`: filters are passed on to vitest. Options: `npm run test:oracle -- --help`.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

as_root() { if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi; }

# The package starts a node on the standard port as it is installed; a policy-rc.d forbids that, and goes again.
install_rabbitmq() {
  local policy=/usr/sbin/policy-rc.d mine='' status=0
  if [ ! -e "$policy" ]; then
    mine=yes
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null && as_root chmod +x "$policy"
  fi
  { as_root env DEBIAN_FRONTEND=noninteractive apt-get update -q \
    && as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends rabbitmq-server curl; } || status=$?
  [ -z "$mine" ] || as_root rm -f "$policy"
  return "$status"
}

if ! ls -d /usr/lib/rabbitmq/lib/rabbitmq_server-* >/dev/null 2>&1; then
  echo '== installing rabbitmq-server'
  install_rabbitmq || exit 1
fi

own_dir=''
if [ -z "${ORACLE_DIR:-}" ]; then
  own_dir=$(mktemp -d)
  export ORACLE_DIR=$own_dir
fi
export ORACLE_SHIFT=${ORACLE_SHIFT:-60}
finish() {
  test/oracle/cluster.sh down
  [ -z "$own_dir" ] || rm -rf "$own_dir"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

differential() { node test/oracle/compiled.mjs differential "$@"; }

case ${1:-} in
  --*)
    differential "$@"
    exit
    ;;
esac

suites=(test/broker)
[ "$#" -eq 0 ] || suites=("$@")

echo '== Warren'
env -u AMQP_URL -u ADMIN_URL npx vitest run "${suites[@]}"
warren=$?

echo '== RabbitMQ'
# The plugins that the specification speaks of.
plugins=rabbitmq_management,rabbitmq_prometheus,rabbitmq_consistent_hash_exchange
plugins+=,rabbitmq_random_exchange,rabbitmq_recent_history_exchange,rabbitmq_sharding
ORACLE_PLUGINS=$plugins test/oracle/cluster.sh up 1 || exit 1
AMQP_URL=amqp://127.0.0.1:$((5701 + ORACLE_SHIFT)) ADMIN_URL=http://127.0.0.1:$((15701 + ORACLE_SHIFT)) \
  npx vitest run "${suites[@]}"
real=$?
test/oracle/cluster.sh down

both=0 library=0 interrupted=0
if [ "$#" -eq 0 ]; then
  echo '== Warren and three nodes of RabbitMQ'
  # The one today, the other tomorrow: each takes minutes, as real nodes stop and start.
  if [ $(($(date +%s) / 86400 % 2)) -eq 1 ]; then
    differential --sample "${ORACLE_SAMPLE:-today}" --minutes 1
  else
    differential --seeds "${ORACLE_SEEDS:-5}" --no-shrink
  fi
  both=$?
  echo '== a scenario of the library on Warren and on three nodes of RabbitMQ'
  node test/oracle/compiled.mjs library leader-crash-synchronised --variant mirrored-all
  library=$?
  echo '== warren compare, interrupted'
  test/oracle/interrupted.sh
  interrupted=$?
fi

verdict() { if [ "$1" -eq 0 ]; then echo passed; else echo FAILED; fi; }
echo
echo "Warren:   $(verdict "$warren")"
echo "RabbitMQ: $(verdict "$real")"
if [ "$#" -eq 0 ]; then
  echo "Both:     $(verdict "$both")"
  echo "Library:  $(verdict "$library")"
  echo "Ctrl-C:   $(verdict "$interrupted")"
fi
[ $((warren + real + both + library + interrupted)) -eq 0 ]
