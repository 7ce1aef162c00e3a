#!/bin/sh
# A Redis Cluster of three nodes in one container, for the tests: redis-cluster.sh [FIRST PORT]. The ports are to be published as they are.
set -eu
first=${1:-7001}
nodes=
for port in "$first" $((first + 1)) $((first + 2)); do
  redis-server --port "$port" --dir "$(mktemp -d)" --save "" --protected-mode no \
    --cluster-enabled yes --cluster-announce-ip 127.0.0.1 --cluster-node-timeout 2000 &
  nodes="$nodes 127.0.0.1:$port"
done
until redis-cli -p "$first" ping && redis-cli -p $((first + 1)) ping && redis-cli -p $((first + 2)) ping; do sleep 0.1; done
# shellcheck disable=SC2086
redis-cli --cluster create $nodes --cluster-yes
wait
