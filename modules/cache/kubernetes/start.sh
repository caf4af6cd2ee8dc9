#!/bin/sh
# Becomes Valkey, with a ceiling that fits its container.
# CONFIG   where valkey.conf and maxmemory.sh are
set -eu
bytes=$(sh "$CONFIG/maxmemory.sh")
echo "start: maxmemory $bytes bytes"
exec valkey-server "$CONFIG/valkey.conf" --maxmemory "$bytes"
