#!/bin/sh
# The project's tests, for the zone and the shell that the environment names: EXPECTED is what offset.sh has to say.
set -e
actual=$($RUNNER ./offset.sh)
[ "$actual" = "$EXPECTED" ] || { echo "offset.sh says $actual in $TZ, and should say $EXPECTED"; exit 1; }
# Each run has the workspace for itself: what it writes here is in nobody's way.
echo "$TZ $actual" >>results
[ "$(wc -l <results)" = 1 ] || { echo "another run has been here: $(cat results)"; exit 1; }
