#!/bin/sh
# What the tests need of the system: PostgreSQL 15 with pg_cron beside the embedded 18, PgBouncer, Chromium, Prometheus.
# Installed where that is allowed; otherwise the one command to run is named and tests are skipped.
set -eu

missing=""
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$missing postgresql postgresql-contrib"
major=$(ls /usr/lib/postgresql 2>/dev/null | tail -n 1)
ls /usr/lib/postgresql/*/lib/pg_cron.so >/dev/null 2>&1 || missing="$missing ^postgresql-${major:-[0-9]+}-cron\$"
command -v pgbouncer >/dev/null || [ -x /usr/sbin/pgbouncer ] || missing="$missing pgbouncer"
command -v chromium >/dev/null || missing="$missing chromium fonts-dejavu-core"
command -v promtool >/dev/null || missing="$missing prometheus"
[ -n "$missing" ] || exit 0

install="apt-get update && apt-get install --yes --no-install-recommends$missing"
if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    mkdir -p /etc/postgresql-common  # no server of the system's own is wanted
    [ -e /etc/postgresql-common/createcluster.conf ] ||
        echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf
    DEBIAN_FRONTEND=noninteractive sh -c "$install" >/dev/null
elif command -v apt-get >/dev/null && sudo -n true 2>/dev/null; then
    sudo -n env DEBIAN_FRONTEND=noninteractive sh -c "$install" >/dev/null
else
    echo "Some tests will be skipped. To run them all: sudo sh -c '$install'" >&2
fi
