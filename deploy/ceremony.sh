#!/bin/sh
# One `samenloop` command on the keys; afterwards each folder of keys belongs to the one who may read it.
set -eu
status=0
samenloop "$@" || status=$?
chown --recursive 50001:50000 /srv/samenloop/home/keys
chown --recursive 50002:50000 /srv/samenloop/home/opener-keys
exit "$status"
