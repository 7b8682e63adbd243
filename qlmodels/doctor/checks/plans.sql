select reltuples::bigint from pg_catalog.pg_class where oid = 'public.q_values'::regclass
