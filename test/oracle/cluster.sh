#!/usr/bin/env bash
# The real cluster that the comparisons start, by hand: all verbs and settings are those of compare/targets/cluster.sh.
exec "$(dirname "${BASH_SOURCE[0]}")/../../compare/targets/cluster.sh" "$@"
