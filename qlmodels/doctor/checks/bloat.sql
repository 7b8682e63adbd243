-- $1: wasted bytes below which it does not matter; $2: share of the table that may be wasted.
-- A row's width is that of up to 1000 rows; statistics of columns are hidden by row-level security.
with sampled as (
    select 'q_values' as relation, avg(pg_column_size(t.*)) as width from (select * from public.q_values limit 1000) as t
    union all
    select 'trajectories', avg(pg_column_size(t.*)) from (select * from public.trajectories limit 1000) as t
    union all
    select 'rewards', avg(pg_column_size(t.*)) from (select * from public.rewards limit 1000) as t
    union all
    select 'patterns', avg(pg_column_size(t.*)) from (select * from public.patterns limit 1000) as t
    union all
    select 'sessions', avg(pg_column_size(t.*)) from (select * from public.sessions limit 1000) as t
), sized as (
    select sampled.relation, pg_relation_size(class.oid) as taken,
           -- 8 bytes: the row's pointer, and what alignment costs; a page is filled to its fillfactor
           greatest(class.reltuples, 0) * (coalesce(sampled.width, 0) + 8) * 100 / coalesce((
               select option_value::float8
                 from pg_catalog.pg_options_to_table(class.reloptions)
                where option_name = 'fillfactor'
           ), 100) as needed
      from sampled
      join pg_catalog.pg_class as class
        on class.relname = sampled.relation and class.relnamespace = 'public'::regnamespace
     where class.reltuples >= 0
)
select format('%s of %I is empty', to_char(100 * (1 - needed / taken), 'FM990"%"'), relation) as what,
       format('%s, where its rows need %s', pg_size_pretty(taken), pg_size_pretty(needed::bigint)) as evidence,
       format('vacuum (full, analyze) public.%I;', relation) as fix
  from sized
 where taken > 0
   and taken - needed > $1
   and taken - needed > taken * $2::float8
 order by relation
