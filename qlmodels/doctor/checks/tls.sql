select ssl from pg_catalog.pg_stat_ssl where pid = pg_backend_pid()
