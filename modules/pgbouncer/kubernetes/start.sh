#!/bin/sh
# Writes who may log in, then becomes PgBouncer.
# TANDEM_PASSWORD       of the application's user, towards PgBouncer and PostgreSQL alike
# CONFIG, CREDENTIALS   the configuration, and where it looks for users
set -eu
umask 077
printf '"tandem" "%s"\n' "$TANDEM_PASSWORD" >"$CREDENTIALS"
unset TANDEM_PASSWORD
exec pgbouncer "$CONFIG"
