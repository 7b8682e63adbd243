select pg_database_size(current_database())
       - sum(pg_total_relation_size(format('public.%I', name)::regclass))
  from unnest($1::text[]) as name
