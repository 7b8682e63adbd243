select pg_relation_size(kept.oid) as heap,
       pg_indexes_size(kept.oid) as indexes,
       pg_total_relation_size(kept.reltoastrelid) as toast
  from pg_class as kept
 where kept.oid = $1::text::regclass
