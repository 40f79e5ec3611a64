#!/usr/bin/env bash
# A PostgreSQL server of its own for tests, with the programs of the system:
#
#     postgres.sh start DIR   starts one in DIR, which is made, and prints its address
#     postgres.sh stop DIR    stops it
#
# It listens on 127.0.0.1 and on a port that was free, and trusts who connects. Root starts it as the user postgres,
# since the server refuses to be root's.
set -eu
action=$1
dir=$2

bin=$(command -v initdb >/dev/null && dirname "$(readlink -f "$(command -v initdb)")" || ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1)
[ -n "$bin" ] || { echo "postgres.sh: PostgreSQL is not installed" >&2; exit 1; }

as() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }

case $action in
  start)
    mkdir -p "$dir"
    [ "$(id -u)" != 0 ] || chown postgres "$dir"
    port=$(node -e 'const s = require("node:net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close() })')
    cd "$dir"
    as "$bin/initdb" -D "$dir/data" -A trust -U eim >"$dir/initdb.log" 2>&1
    as "$bin/pg_ctl" -D "$dir/data" -l "$dir/data/server.log" -w start \
      -o "-p $port -c listen_addresses=127.0.0.1 -c fsync=off -k $dir" >"$dir/start.log" 2>&1
    echo "postgres://eim@127.0.0.1:$port/postgres"
    ;;
  stop)
    cd "$dir"
    as "$bin/pg_ctl" -D "$dir/data" -m immediate -w stop >/dev/null
    ;;
  *)
    echo "postgres.sh start|stop DIR" >&2
    exit 2
    ;;
esac
