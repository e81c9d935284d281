#!/usr/bin/env bash
# A real RabbitMQ (the Debian package rabbitmq-server) as a cluster of N nodes on loopback. `warren compare --target rabbitmq`
# runs scenarios on it; the broker specification in test/broker and the recordings check that Warren behaves alike.
# It touches nothing outside ORACLE_DIR and ends only processes whose pid it recorded there itself.
#
#   cluster.sh up N [CONF-LINE...]   wipe, start r1..rN, join them, wait until ready
#   cluster.sh down                  stop every node and the private epmd
#   cluster.sh discard               kill whatever runs in ORACLE_DIR and remove the folder
#   cluster.sh guard                 discard as soon as standard input ends
#   cluster.sh kill NODE             SIGKILL the node's Erlang VM
#   cluster.sh stop NODE             graceful stop, waits for the exit
#   cluster.sh start NODE [nowait]   start a stopped or killed node again with its data, wait until ready
#   cluster.sh cut NODE OTHER...     partition NODE from the OTHERs; the links stay broken
#   cluster.sh heal NODE OTHER...    undo cut
#   cluster.sh part NODE OTHER       cut one link, NODE notices first
#   cluster.sh split GROUP GROUP...  cut all links between groups (r1,r2 r3) at one moment
#   cluster.sh silence GROUP GROUP.. as split, but the links fall silent: nobody is told before the net tick
#   cluster.sh deaf NODE OTHER...    what the OTHERs send no longer reaches NODE, nobody is told
#   cluster.sh mend GROUP GROUP...   undo split, silence and deaf, all links at one moment
#   cluster.sh freeze|thaw NODE      SIGSTOP and SIGCONT: the node's sockets stay open and mute
#   cluster.sh apart NODE            the node no longer joins r1 by itself when it has been reset
#   cluster.sh ctl NODE ARGS...      rabbitmqctl on that node
#   cluster.sh status                one line per node
#   cluster.sh env                   print ports and paths
#
# Environment:
#   ORACLE_DIR        data, logs and pids (default: rabbitmq-oracle in the temporary folder)
#   ORACLE_SHIFT      added to every port, so that two clusters can run side by side (default 0)
#   ORACLE_PLUGINS    comma list (default: management, prometheus, consistent hash exchange)
#   ORACLE_AT_ONCE    1: links are cut and healed at once where erl_call is there, 0 (default): by rabbitmqctl
#   ORACLE_FAST_MGMT  1 (default) publishes statistics every second, 0 every five
#   ORACLE_ERL_ARGS   further arguments for the Erlang VM
#   RABBIT_HOME       the server's folder (default: the newest under /usr/lib/rabbitmq/lib)
# Ports of node rI, loopback only: AMQP 5700+I, management 15700+I, prometheus 15800+I, Erlang 25700+I;
# epmd 4371.
#
# Example: compare/targets/cluster.sh up 1 && AMQP_URL=amqp://127.0.0.1:5701 npx vitest run test/broker
set -u
DIR=${ORACLE_DIR:-${TMPDIR:-/tmp}/rabbitmq-oracle}
SHIFT=${ORACLE_SHIFT:-0}
RABBIT=${RABBIT_HOME:-$(find /usr/lib/rabbitmq/lib -maxdepth 1 -name 'rabbitmq_server-*' 2>/dev/null | sort -V | tail -1)}
PLUGINS=${ORACLE_PLUGINS:-rabbitmq_management,rabbitmq_prometheus,rabbitmq_consistent_hash_exchange}
EPMD_PORT=$((4371 + SHIFT))
export HOME=$DIR/home
export ERL_EPMD_PORT=$EPMD_PORT ERL_EPMD_ADDRESS=127.0.0.1
export RABBITMQ_CONF_ENV_FILE=$DIR/env.conf # present but empty: keeps /etc/rabbitmq out
export RABBITMQ_CTL_ERL_ARGS='-kernel inet_dist_use_interface {127,0,0,1}'
export LANG=${LANG:-C.UTF-8} LC_ALL=${LC_ALL:-C.UTF-8}

die() { echo "cluster.sh: $*" >&2; exit 1; }

index_of() { # node name -> number
  case $1 in
    r[1-9]) echo "${1#r}" ;;
    r[1-9]@localhost) local name=${1%@*}; echo "${name#r}" ;;
    *) die "bad node '$1' (r1..r9)" ;;
  esac
}
amqp_port() { echo $((5700 + SHIFT + $1)); }
mgmt_port() { echo $((15700 + SHIFT + $1)); }
prom_port() { echo $((15800 + SHIFT + $1)); }
dist_port() { echo $((25700 + SHIFT + $1)); }
log_file() { echo "$DIR/r$1/log/r$1@localhost.log"; }
nodes() { local d; for d in "$DIR"/r[1-9]; do [ -d "$d" ] && basename "$d"; done; }

# A pid alone may have been reused since: a process is ours when its start time is the recorded one too.
start_time() { awk '{sub(/^.*\) /,""); print $20}' "/proc/$1/stat" 2>/dev/null; }
vm_pid() { local p t; read -r p t <"$DIR/r$1/vm.pid"; echo "$p"; }
alive() {
  local p t
  read -r p t 2>/dev/null <"$DIR/r$1/vm.pid" || return 1
  # One that ended before its start time was read has none, which is no start time to compare.
  [ -n "$t" ] && [ "$(start_time "$p")" = "$t" ] && [ "$(awk '/^State/{print $2}' "/proc/$p/status" 2>/dev/null)" != Z ]
}
wait_gone() { local _; for _ in $(seq "${2:-600}"); do alive "$1" || return 0; sleep 0.1; done; return 1; }

prepare_home() {
  mkdir -p "$HOME"
  [ -f "$HOME/.erlang.cookie" ] || { echo -n ORACLE >"$HOME/.erlang.cookie"; chmod 400 "$HOME/.erlang.cookie"; }
  : >"$RABBITMQ_CONF_ENV_FILE"
}

epmd_up() {
  local _
  epmd -names >/dev/null 2>&1 && return
  setsid epmd -address 127.0.0.1 -port "$EPMD_PORT" >"$DIR/epmd.log" 2>&1 </dev/null &
  echo $! >"$DIR/epmd.pid"
  for _ in $(seq 50); do epmd -names >/dev/null 2>&1 && return; sleep 0.1; done
  die 'epmd did not start'
}
epmd_down() {
  local p
  [ -f "$DIR/epmd.pid" ] || return 0
  p=$(cat "$DIR/epmd.pid")
  grep -qs epmd "/proc/$p/comm" && kill "$p"
  rm -f "$DIR/epmd.pid"
}

write_conf() { # index, further lines
  local i=$1 line
  shift
  local d=$DIR/r$i
  mkdir -p "$d/mnesia" "$d/log"
  {
    echo "listeners.tcp.1 = 127.0.0.1:$(amqp_port "$i")"
    echo 'management.tcp.ip = 127.0.0.1'
    echo "management.tcp.port = $(mgmt_port "$i")"
    echo 'prometheus.tcp.ip = 127.0.0.1'
    echo "prometheus.tcp.port = $(prom_port "$i")"
    echo 'log.file.level = info'
    echo 'cluster_name = oracle'
    echo 'disk_free_limit.absolute = 50MB'
    [ "${ORACLE_FAST_MGMT:-1}" = 1 ] && echo 'collect_statistics_interval = 1000'
    if [ "$i" -gt 1 ]; then
      echo 'cluster_formation.peer_discovery_backend = classic_config'
      echo 'cluster_formation.classic_config.nodes.1 = r1@localhost'
    fi
    for line in "$@"; do echo "$line"; done
  } >"$d/rabbitmq.conf"
  echo "[$PLUGINS]." >"$d/enabled_plugins"
}

launch() {
  local i=$1 d=$DIR/r$1
  alive "$i" && die "r$i already runs (pid $(vm_pid "$i"))"
  epmd_up
  stat -c %s "$(log_file "$i")" 2>/dev/null >"$d/log.offset" || echo 0 >"$d/log.offset"
  (
    export RABBITMQ_NODENAME=r$i@localhost RABBITMQ_DIST_PORT; RABBITMQ_DIST_PORT=$(dist_port "$i")
    export RABBITMQ_MNESIA_BASE=$d/mnesia RABBITMQ_LOG_BASE=$d/log
    export RABBITMQ_CONFIG_FILE=$d/rabbitmq.conf RABBITMQ_ENABLED_PLUGINS_FILE=$d/enabled_plugins
    export RABBITMQ_GENERATED_CONFIG_DIR=$d/conf RABBITMQ_PID_FILE=$d/rabbit.pid
    export RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="-kernel inet_dist_use_interface {127,0,0,1} ${ORACLE_ERL_ARGS:-}"
    export RABBITMQ_NODE_IP_ADDRESS=127.0.0.1 RABBITMQ_NODE_PORT; RABBITMQ_NODE_PORT=$(amqp_port "$i")
    export RUNNING_UNDER_SYSTEMD=true # run the VM without a wrapper, so that the pid is the VM's
    unset NOTIFY_SOCKET
    cd "$d" || exit 1
    exec setsid "$RABBIT/sbin/rabbitmq-server" >"$d/stdout.log" 2>&1 </dev/null
  ) &
  echo "$! $(start_time $!)" >"$d/vm.pid"
}

ready() { # the start-up line appeared since the launch, and the management port answers
  tail -c +$(($(cat "$DIR/r$1/log.offset") + 1)) "$(log_file "$1")" 2>/dev/null | grep -q 'Server startup complete' || return 1
  case $PLUGINS in *rabbitmq_management*) (: <"/dev/tcp/127.0.0.1/$(mgmt_port "$1")") 2>/dev/null ;; esac
}
wait_ready() {
  local _
  for _ in $(seq 1200); do
    ready "$1" && return 0
    if ! alive "$1"; then
      tail -20 "$DIR/r$1/stdout.log" >&2
      die "r$1 died while starting; see $DIR/r$1/log"
    fi
    sleep 0.1
  done
  die "r$1 not ready in 120 s"
}

up() {
  local n=$1 i x begun=$SECONDS
  shift
  mkdir -p "$DIR"
  prepare_home
  down
  for x in $(nodes); do rm -rf "${DIR:?}/$x"; done
  for i in $(seq "$n"); do write_conf "$i" "$@"; done
  launch 1; wait_ready 1
  for i in $(seq 2 "$n"); do launch "$i"; done
  for i in $(seq 2 "$n"); do wait_ready "$i"; done
  echo "$n ready after $((SECONDS - begun)) s"
}
down() {
  local x i
  for x in $(nodes); do
    i=$(index_of "$x")
    alive "$i" && kill -TERM "$(vm_pid "$i")" && kill -CONT "$(vm_pid "$i")"
  done
  for x in $(nodes); do
    i=$(index_of "$x")
    wait_gone "$i" 300 || { kill -KILL "$(vm_pid "$i")"; wait_gone "$i" 50; }
  done
  epmd_down
}
# By the home that only they have, which also finds what was being started.
ours() { HOME=/ grep -lzsxF "HOME=$DIR/home" /proc/[0-9]*/environ | cut -d/ -f3; }
discard() {
  local _ pids
  for _ in $(seq 20); do
    pids=$(ours)
    [ -n "$pids" ] || [ -e "$DIR" ] || return 0
    # shellcheck disable=SC2086
    [ -z "$pids" ] || kill -KILL $pids 2>/dev/null
    sleep 0.1
    rm -rf "$DIR" 2>/dev/null
  done
  die "$DIR could not be removed"
}
running() { local i; i=$(index_of "$1") || exit 1; alive "$i" || die "r$i is not running"; echo "$i"; }
ctl() { # verbs about nodes that do not run look into the node's own folder
  local i; i=$(index_of "$1") || exit 1; shift
  RABBITMQ_MNESIA_BASE=$DIR/r$i/mnesia RABBITMQ_MNESIA_DIR=$DIR/r$i/mnesia/r$i@localhost \
    "$RABBIT/sbin/rabbitmqctl" -n "r$i@localhost" "$@"
}
# Runs Erlang on a node. rabbitmqctl takes most of a minute to come up on a busy machine; with ORACLE_AT_ONCE=1 erl_call does it,
# for faults that are meant for now. Recordings were made with the former, whose pause some of their outcomes need.
evaluate() { # node, expressions
  local i answer; i=$(index_of "$1") || exit 1
  [ "${ORACLE_AT_ONCE:-0}" = 1 ] && command -v erl_call >/dev/null || { ctl "$1" eval "$2"; return; }
  answer=$(erl_call -n "r$i@localhost" -c "$(cat "$HOME/.erlang.cookie")" -e <<<"$2") || die "r$i cannot be reached"
  case $answer in '{ok,'*) ;; *) die "r$i: $answer" ;; esac
}
apart() { # a node that is reset must not find its old cluster by itself
  local i; i=$(index_of "$1") || exit 1
  sed -i /cluster_formation/d "$DIR/r$i/rabbitmq.conf"
  ctl "$1" eval 'application:unset_env(rabbit, cluster_nodes).'
}
others() { local x list=''; for x in "$@"; do list="$list,'r$(index_of "$x")@localhost'"; done; echo "[${list#,}]"; }
# All links at once: breaking them one by one would be a partial partition, which RabbitMQ handles otherwise.
cut_links() {
  local a=$1; shift
  evaluate "$a" "L=$(others "$@"), [erlang:set_cookie(N, cut) || N <- L], [erlang:disconnect_node(N) || N <- L]."
}
# Whoever of the two first asks a third node, which sees both, leaves the third as well: either may, so it is settled here.
part_link() {
  local a=$1 b=$2
  evaluate "$a" "[B]=$(others "$b"), erlang:set_cookie(B, cut),
    spawn(B, fun() -> M=whereis(rabbit_node_monitor), erlang:suspend_process(M), timer:sleep(3500), erlang:resume_process(M) end),
    timer:sleep(1000), erlang:disconnect_node(B), ok."
}
heal_links() {
  local a=$1; shift
  evaluate "$a" "L=$(others "$@"), [erlang:set_cookie(N, erlang:get_cookie()) || N <- L], [net_kernel:connect_node(N) || N <- L]."
}
# The same for groups of nodes (r1,r2 r3,r4): what concerns node N is done by N itself, at one moment.
groups() { # r1,r2 r3 -> [['r1@localhost','r2@localhost'],['r3@localhost']]
  local list='' group
  for group in "$@"; do list="$list,$(IFS=,; set -f; others $group)"; done
  echo "[${list#,}]"
}
# Runs DO (an Erlang fun of the nodes that N has in other groups) on every node of the GROUPS that answers from NODE.
on_all() { # node, do, groups...
  local at=$1 do=$2; shift 2
  evaluate "$at" "Groups=$(groups "$@"), Do=$do, Go=erlang:system_time(millisecond)+300, Up=[node()|nodes()],
    [spawn(N, fun() -> timer:sleep(max(0, Go-erlang:system_time(millisecond))), Do(lists:append(Groups -- [G])) end)
      || G <- Groups, N <- G, lists:member(N, Up)], timer:sleep(${WAIT:-1200}), ok."
}
# SO_RCVLOWAT (option 18 of level 1): below so many bytes a socket counts as having none, which no net tick exceeds.
deafen='[inet:setopts(P, [{raw, 1, 18, <<16777216:32/native>>}]) || {N, P} <- erlang:system_info(dist_ctrl), lists:member(N, L)]'
listen='[inet:setopts(P, [{raw, 1, 18, <<1:32/native>>}]) || {_, P} <- erlang:system_info(dist_ctrl)]'
# Each node refuses with a cookie of its own: two that changed to the same one would find together again.
refuse='[erlang:set_cookie(N, node()) || N <- L]'
# The monitors stand still meanwhile: one that learnt of a cut before the others would take it for a partial partition.
split_links() {
  WAIT=3000 on_all "${1%%,*}" "fun(L) -> M=whereis(rabbit_node_monitor), catch erlang:suspend_process(M), timer:sleep(1200),
    $refuse, [erlang:disconnect_node(N) || N <- L], timer:sleep(100), catch erlang:resume_process(M) end" "$@"
}
silence_links() { on_all "${1%%,*}" "fun(L) -> $refuse, $deafen end" "$@"; }
deafen_node() { local a=$1; shift; evaluate "$a" "L=$(others "$@"), $refuse, $deafen."; }
# The monitors stand still until every link is back, or they would decide on a view that is half healed. One call per
# group, which without erl_call takes seconds to come up on a busy machine: the moment is well after that.
mend_links() {
  local group node at all moment
  moment=$(($(date +%s%3N) + 10000))
  all=$(others $(echo "$@" | tr , ' '))
  for group in "$@"; do
    at=''
    for node in ${group//,/ }; do alive "$(index_of "$node")" && at=$node && break; done
    [ -n "$at" ] && evaluate "$at" "All=$all, Group=$(others ${group//,/ }), Do=fun() ->
        M=whereis(rabbit_node_monitor), L=All -- [node()],
        timer:sleep(max(0, $moment-erlang:system_time(millisecond))), catch erlang:suspend_process(M),
        [erlang:set_cookie(N, erlang:get_cookie()) || N <- L], $listen, timer:sleep(1500),
        [spawn(fun() -> net_kernel:connect_node(N) end) || N <- L], timer:sleep(3000),
        catch erlang:resume_process(M) end,
      [spawn(N, Do) || N <- Group, lists:member(N, [node()|nodes()])],
      timer:sleep(max(0, $moment+5500-erlang:system_time(millisecond))), ok." &
  done
  wait
}
status() {
  local x i p
  for x in $(nodes); do
    i=$(index_of "$x")
    alive "$i" || { echo "$x down"; continue; }
    p=$(vm_pid "$i")
    echo "$x up pid=$p rss_kb=$(awk '/^VmRSS/{print $2}' "/proc/$p/status") amqp=127.0.0.1:$(amqp_port "$i")" \
      "mgmt=127.0.0.1:$(mgmt_port "$i") ready=$(ready "$i" && echo yes || echo no)"
  done
}

case ${1:-} in
  up) shift; up "${@:?up N}" ;;
  down) down ;;
  discard) discard ;;
  guard) cat >/dev/null; discard ;;
  kill) i=$(running "${2:?}") || exit 1; kill -KILL "$(vm_pid "$i")"; wait_gone "$i" 100 ;;
  stop) i=$(running "${2:?}") || exit 1; kill -TERM "$(vm_pid "$i")"; wait_gone "$i" 900 || die "r$i did not stop" ;;
  start) i=$(index_of "${2:?}") || exit 1; prepare_home; launch "$i"; [ "${3:-}" = nowait ] || wait_ready "$i" ;;
  cut) shift; cut_links "$@" ;;
  heal) shift; heal_links "$@" ;;
  part) part_link "${2:?}" "${3:?}" ;;
  split) shift; split_links "$@" ;;
  silence) shift; silence_links "$@" ;;
  deaf) shift; deafen_node "$@" ;;
  mend) shift; mend_links "$@" ;;
  freeze) i=$(running "${2:?}") || exit 1; kill -STOP "$(vm_pid "$i")" ;;
  thaw) i=$(running "${2:?}") || exit 1; kill -CONT "$(vm_pid "$i")" ;;
  ctl) shift; ctl "$@" ;;
  apart) shift; apart "${1:?}" ;;
  status) status ;;
  env)
    echo "dir=$DIR rabbit=$RABBIT epmd_port=$EPMD_PORT"
    for x in $(nodes); do
      i=$(index_of "$x")
      echo "$x amqp=$(amqp_port "$i") mgmt=$(mgmt_port "$i") prom=$(prom_port "$i") dist=$(dist_port "$i") log=$(log_file "$i")"
    done ;;
  *) sed -n "2,36p" "$0"; exit 2 ;;
esac
