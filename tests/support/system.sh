#!/bin/sh
# What the tests need of the system: PostgreSQL 15 with pg_cron beside the embedded 18, PgBouncer, Chromium, Prometheus.
# Installed where that is allowed, PostgreSQL in the newest minor release that apt offers, which is
# asked for once a day. Otherwise the one command to run is named and tests are skipped.
set -eu

missing=""
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$missing postgresql postgresql-contrib"
major=$(ls /usr/lib/postgresql 2>/dev/null | tail -n 1)
ls /usr/lib/postgresql/*/lib/pg_cron.so >/dev/null 2>&1 || missing="$missing ^postgresql-${major:-[0-9]+}-cron\$"
command -v pgbouncer >/dev/null || [ -x /usr/sbin/pgbouncer ] || missing="$missing pgbouncer"
command -v chromium >/dev/null || missing="$missing chromium fonts-dejavu-core"
command -v promtool >/dev/null || missing="$missing prometheus"

install="apt-get install --yes --no-install-recommends"
if ! command -v apt-get >/dev/null; then
    [ -z "$missing" ] || echo "Some tests will be skipped. They need:$missing" >&2
    exit 0
elif [ "$(id -u)" = 0 ]; then
    privileged() { DEBIAN_FRONTEND=noninteractive sh -c "$1" >/dev/null; }
elif sudo -n true 2>/dev/null; then
    privileged() { sudo -n env DEBIAN_FRONTEND=noninteractive sh -c "$1" >/dev/null; }
else
    privileged() { echo "Some tests are skipped, or run on an older server, until: sudo sh -c '$1'" >&2; }
    [ -z "$missing" ] || privileged "apt-get update && $install$missing"
    exit 0
fi

stamp=/var/lib/apt/periodic/qlmodels-update-stamp
refresh="apt-get update -o Acquire::Retries=1 -o Acquire::http::Timeout=20 && mkdir -p ${stamp%/*} && touch $stamp"
if [ -n "$missing" ]; then
    # no server of the system's own is wanted
    privileged "mkdir -p /etc/postgresql-common
        [ -e /etc/postgresql-common/createcluster.conf ] ||
            echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf
        $refresh && $install$missing"
elif [ -z "$(find "$stamp" -mtime -1 2>/dev/null)" ]; then
    privileged "$refresh" || echo "apt-get update failed: the newest PostgreSQL is not known." >&2
fi

servers=$(dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' 'postgresql*' 2>/dev/null | sed -n 's/^ii *//p')
outdated=$(apt-cache policy $servers | awk '
    /^[^ ].*:$/ { name = substr($1, 1, length($1) - 1) }
    /^ +Installed:/ { installed = $2 }
    /^ +Candidate:/ && $2 != installed { print name }')
[ -z "$outdated" ] || privileged "$install --only-upgrade $(echo $outdated)" ||
    echo "The tests run on an older PostgreSQL than apt offers:" $outdated >&2
