select 'publication supabase_realtime does not carry agent_states' as what,
       'pg_publication_tables does not list it' as evidence,
       'qlmodels realtime on' as fix
  from pg_catalog.pg_publication as publication
 where publication.pubname = 'supabase_realtime'
   and not publication.puballtables
   and not exists (
       select from pg_catalog.pg_publication_tables as published
        where published.pubname = publication.pubname
          and published.schemaname = 'public'
          and published.tablename = 'agent_states'
   )
union all
select format('publication supabase_realtime carries %s, and nobody is told', string_agg(tablename, ', ' order by tablename)),
       format('wal_level is %s', current_setting('wal_level')),
       'alter system set wal_level = logical;  -- as superuser, then restart the server'
  from pg_catalog.pg_publication_tables
 where pubname = 'supabase_realtime'
   and schemaname = 'public'
   and tablename in ('agent_states', 'q_values')
   and current_setting('wal_level') <> 'logical'
having count(*) > 0
