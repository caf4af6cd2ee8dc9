-- What a new primary begins with; its standby gets it by replication.
\getenv tandem TANDEM_PASSWORD
\getenv replicator REPLICATOR_PASSWORD
\getenv autopilot AUTOPILOT_PASSWORD
create role tandem login password :'tandem';
create database tandem owner tandem;
create role replicator login replication password :'replicator';
-- What pg_rewind needs of its source, and no more (PostgreSQL: "pg_rewind", Notes).
grant pg_checkpoint to replicator;
grant execute on function
  pg_ls_dir(text, boolean, boolean),
  pg_stat_file(text, boolean),
  pg_read_binary_file(text),
  pg_read_binary_file(text, bigint, bigint, boolean)
to replicator;
create role monitor login;
grant pg_monitor to monitor;
-- The autopilot sees whether this is a standby and how far behind, promotes it, and reads no data.
create role autopilot login password :'autopilot' connection limit 4;
grant pg_read_all_stats to autopilot;
grant execute on function pg_promote(boolean, integer) to autopilot;
