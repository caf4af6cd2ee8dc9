#!/bin/bash
# Runs beside PostgreSQL and makes the region's Valkey follow it: a standby's is the replica of the peer's, a primary's is
# nobody's. A PostgreSQL that is silent changes nothing. For bash, which connects without another program.
#
# SOCKETS                    where PostgreSQL's socket is
# VALKEY_HOST, VALKEY_PORT   the region's Valkey
# PEER_HOSTS, PEER_PORT      where it reaches the peer's, by TLS; hosts separated by commas, of which one may answer
# TURN                       a file that is new after each turn
set -u
trap 'exit 0' TERM
export PGCONNECT_TIMEOUT=3

IFS=, read -ra peers <<<"$PEER_HOSTS"
next=0
since=0
# Seconds that an address has for the link to stand, or a copy to begin.
patience=10

ask() { # a command's whole answer
  answer=
  {
    printf '%s\r\nQUIT\r\n' "$1" >&3
    IFS= read -r -d '' -t 2 answer <&3
  } 2>/dev/null 3<>"/dev/tcp/$VALKEY_HOST/$VALKEY_PORT"
}

tell() {
  ask "$1"
  echo "Valkey: $1: ${answer%%$'\r'*}"
}

follow_peer() {
  tell "REPLICAOF ${peers[next]} $PEER_PORT"
  next=$(((next + 1) % ${#peers[@]}))
  since=$SECONDS
}

turn() { # t where PostgreSQL is a standby, f where it is a primary
  : >"$TURN"
  ask 'INFO replication'
  case $1,$answer in
    t,*link_status:up* | t,*sync_in_progress:1*) since=$SECONDS ;;
    t,*role:slave*) [ $((SECONDS - since)) -lt $patience ] || follow_peer ;;
    t,*role:master*) follow_peer ;;
    f,*role:slave*) tell 'REPLICAOF NO ONE' ;;
  esac
}

while :; do
  : >"$TURN"
  while read -r standby; do
    turn "$standby"
  done < <(echo 'select pg_is_in_recovery() \watch 1' |
    psql --host "$SOCKETS" --username monitor --dbname postgres --no-psqlrc --no-password --quiet --tuples-only --no-align)
  sleep 2
done
