-- Foreign keys between the tables $1 that write when the row they point to is deleted.
select key.conname::text as name,
       source.relname::text as table,
       target.relname::text as parent,
       case key.confdeltype when 'c' then 'CASCADE' else 'SET NULL' end as action
  from pg_catalog.pg_constraint as key
  join pg_catalog.pg_class as source on source.oid = key.conrelid
  join pg_catalog.pg_class as target on target.oid = key.confrelid
 where key.contype = 'f'
   and key.confdeltype in ('c', 'n')
   and source.relname = any ($1::text[])
   and source.relnamespace = 'public'::regnamespace
 order by key.conname
