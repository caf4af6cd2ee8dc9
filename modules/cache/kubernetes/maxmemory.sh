#!/bin/sh
# Prints how many bytes Valkey may fill: four fifths of what its container may, so that forks, buffers and fragmentation have
# the rest. The limit is the cgroup's own, version 2 or 1; without one, or when none is set, the fallback counts.
# CGROUP     where the cgroup is mounted
# FALLBACK   bytes
set -eu

limit=
for file in "$CGROUP/memory.max" "$CGROUP/memory/memory.limit_in_bytes"; do
  if [ -r "$file" ]; then
    read -r limit <"$file" || true
    break
  fi
done

# Version 2 says "max" for no limit, version 1 the largest number of pages: more than any machine has.
case $limit in
  '' | *[!0-9]*) limit= ;;
  *) [ ${#limit} -lt 17 ] || limit= ;;
esac

if [ -n "$limit" ]; then
  echo $((limit / 5 * 4))
else
  echo "$FALLBACK"
fi
