select 'publication supabase_realtime does not carry agent_states' as what,
       'pg_publication_tables does not list it' as evidence,
       'alter publication supabase_realtime add table public.agent_states;' as mend
  from pg_catalog.pg_publication as publication
 where publication.pubname = 'supabase_realtime'
   and not publication.puballtables
   and not exists (
       select from pg_catalog.pg_publication_tables as published
        where published.pubname = publication.pubname
          and published.schemaname = 'public'
          and published.tablename = 'agent_states'
   )
