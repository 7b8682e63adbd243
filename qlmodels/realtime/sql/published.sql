-- $1: the publication; $2: our tables.
select coalesce((
           select array_agg(tablename::text order by tablename)
             from pg_catalog.pg_publication_tables
            where pubname = $1 and schemaname = 'public' and tablename = any ($2::text[])
       ), '{}') as tables,
       current_setting('wal_level') as wal_level
