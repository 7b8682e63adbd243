-- Indexes of q_values that no constraint stands on: dropped for a load, made again after it.
select index.indexrelid::regclass::text as name,
       pg_get_indexdef(index.indexrelid) as definition
  from pg_index as index
 where index.indrelid = 'public.q_values'::regclass
   and not exists (select from pg_constraint where conindid = index.indexrelid);
