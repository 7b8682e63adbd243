-- The columns and expressions of each btree of a table, in their order.
select array_agg(pg_get_indexdef(i.indexrelid, k, true) order by k) as parts
from pg_catalog.pg_index i
join pg_catalog.pg_class t on t.oid = i.indrelid
join pg_catalog.pg_namespace n on n.oid = t.relnamespace
join pg_catalog.pg_class c on c.oid = i.indexrelid
join pg_catalog.pg_am m on m.oid = c.relam
cross join generate_series(1, i.indnkeyatts) k
where n.nspname = :schema and t.relname = :name
    and m.amname = 'btree' and i.indisvalid and i.indpred is null
group by i.indexrelid
