#!/bin/sh
# Runs before PostgreSQL at each start of its pod, and makes of the data directory what it has to be. Once there is one, its
# data decides whether it is a standby (standby.signal): a promotion changes nothing that anybody declares. Killed at any line,
# the next run starts over.
#
# PGDATA       the data directory, a folder of the volume
# ROLE         the region's role, as roles.json declares it
# GENERATION   which incarnation of the data is declared; the volume remembers its own
# SLOT         the replication slot that holds WAL for this region on its primary
# PEER_HOSTS, PEER_PORT                 where the peer's PostgreSQL answers; hosts separated by commas
# TANDEM_PASSWORD, REPLICATOR_PASSWORD, AUTOPILOT_PASSWORD  of the users who come over the network
# CONFIG, CA, PGPASSFILE, SOCKETS       where configuration, certificates, the password file and the socket are
set -eu
umask 077
export LC_ALL=C

volume=$(dirname "$PGDATA")
new=$volume/new
peer="host=$PEER_HOSTS port=$PEER_PORT user=replicator dbname=postgres connect_timeout=3 sslmode=verify-ca sslrootcert=$CA"
# A standby can't be copied from: the peer has to be the primary.
primary="$peer target_session_attrs=primary"

die() { echo "$*"; exit 1; }

ask() { psql --no-psqlrc --no-password --quiet --tuples-only --no-align --set ON_ERROR_STOP=1 "$@"; }

finish() { # what the volume holds from now on
  rm -rf "$PGDATA"
  mv "$new" "$PGDATA"
  printf '%s' "$GENERATION" >"$volume/generation"
  rm -f "$volume/rewinding"
}

new_primary() {
  # A region that lost its volume must not begin an empty history beside a peer that has the data.
  if ask -d "$peer" -c 'select 1' >/dev/null 2>&1; then
    die "no data here, and the peer's PostgreSQL has some: promote the peer, and rebuild this region as its standby"
  fi
  initdb --pgdata "$new" --username postgres --auth-local peer --auth-host reject --encoding UTF8 --locale C --data-checksums --no-instructions
  pg_ctl --pgdata "$new" --wait --silent --options "-c listen_addresses='' -c unix_socket_directories=$SOCKETS \
    -c hba_file=$CONFIG/pg_hba.conf -c ident_file=$CONFIG/pg_ident.conf -c password_encryption=scram-sha-256" start
  ask --host "$SOCKETS" --username postgres --dbname postgres --file "$CONFIG/first.sql"
  pg_ctl --pgdata "$new" --wait --silent --mode fast stop
  finish
  done="made a primary of generation $GENERATION"
}

# The slot is made anew: one that was left by a lost standby may hold no WAL that is of use.
make_slot() {
  ask -d "$primary" >/dev/null <<SQL
select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = '$SLOT';
select pg_create_physical_replication_slot('$SLOT', true);
SQL
}

# What is this instance's own and no standby's: its slots, and settings that were made by hand.
become_standby() { # of a data directory
  rm -rf "$1"/pg_replslot/*
  : >"$1/postgresql.auto.conf"
  : >"$1/standby.signal"
}

await_primary() {
  until ask -d "$primary" -c 'select 1' >/dev/null; do
    echo "the peer is no primary yet; again in 2 s"
    sleep 2
  done
}

copy_primary() {
  rm -rf "$new"
  make_slot || return 1
  pg_basebackup --pgdata "$new" --dbname "$primary" --slot "$SLOT" --wal-method stream --checkpoint fast --no-password || return 1
  become_standby "$new"
}

base_backup() {
  echo "taking a base backup of the peer"
  until await_primary && copy_primary; do sleep 2; done
  finish
  done='rebuilt by base backup'
}

# Only what was a primary has a history of its own to undo; a standby that fell behind lacks WAL, which rewinding does not bring.
was_primary() { ! pg_controldata "$PGDATA" | grep -q '^Database cluster state:.*recovery'; }

rewind() {
  echo "rewinding to where the peer was promoted"
  # Right after a promotion the control file still has the old timeline, and pg_rewind would find nothing to do.
  ask -d "$primary" -c checkpoint || return 1
  make_slot || return 1
  : >"$volume/rewinding"
  # What it says goes to stderr; the prompt of the server that it may have to run once does not.
  pg_rewind --target-pgdata "$PGDATA" --source-server "$primary" >/dev/null || return 1
  become_standby "$PGDATA"
  printf '%s' "$GENERATION" >"$volume/generation"
  rm -f "$volume/rewinding"
  done='rebuilt by pg_rewind'
}

rebuild() {
  await_primary
  # A rewind that ended half-way leaves nothing to rewind.
  if [ ! -e "$volume/rewinding" ] && was_primary && rewind; then return; fi
  base_backup
}

rm -rf "$new"
done='the data stays as it is'
printf '*:*:*:replicator:%s\n' "$REPLICATOR_PASSWORD" >"$PGPASSFILE"

if [ ! -s "$PGDATA/PG_VERSION" ]; then
  case $ROLE in
    active) new_primary ;;
    *) base_backup ;;
  esac
elif [ "$GENERATION" -gt "$(cat "$volume/generation" 2>/dev/null || echo 0)" ]; then
  case $ROLE in
    standby | rebuilding) rebuild ;;
    *) done="generation $GENERATION is declared, and a region that is $ROLE is not rebuilt: the data stays as it is" ;;
  esac
fi
# The last line says what was done: a drill reads it.
echo "$done"
