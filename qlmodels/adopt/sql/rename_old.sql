-- The original's tables, out of the way of ours; what can be computed again goes at once.
create schema qlmodels_adopt;

create table qlmodels_adopt.publications as
select publication.pubname, class.relname,
       pg_catalog.pg_get_expr(relation.prqual, relation.prrelid) as row_filter,
       (
           select string_agg(quote_ident(attribute.attname), ', ')
             from pg_catalog.pg_attribute as attribute
            where attribute.attrelid = relation.prrelid and attribute.attnum = any (relation.prattrs)
       ) as columns
  from pg_catalog.pg_publication_rel as relation
  join pg_catalog.pg_publication as publication on publication.oid = relation.prpubid
  join pg_catalog.pg_class as class on class.oid = relation.prrelid
 where class.relnamespace = 'public'::pg_catalog.regnamespace
   and class.relname in (
       'agent_types', 'sessions', 'q_values', 'trajectories', 'rewards', 'patterns', 'agent_states'
   );

-- What this login made in public for the original, and nobody else uses, is made anew where ours lie.
-- Everything else stays where it is.
create function qlmodels_adopt.free_extensions() returns void
language plpgsql as $$
declare
    v_free text;
begin
    for v_free in
        select format('drop index qlmodels_adopt.%I', class.relname)
          from pg_catalog.pg_index as index
          join pg_catalog.pg_class as class on class.oid = index.indexrelid
         where class.relnamespace = 'qlmodels_adopt'::regnamespace
           and not exists (select from pg_catalog.pg_constraint as key where key.conindid = class.oid)
        union all
        select format('alter table %s alter column %I drop default', attribute.attrelid::regclass, attribute.attname)
          from pg_catalog.pg_attribute as attribute
          join pg_catalog.pg_class as class on class.oid = attribute.attrelid
         where class.relnamespace = 'qlmodels_adopt'::regnamespace
           and class.relkind = 'r'
           and attribute.atttypid = 'uuid'::regtype
           and attribute.atthasdef
    loop
        execute v_free;
    end loop;
    for v_free in
        select format('drop extension %I', extname)
          from pg_catalog.pg_extension
         where extname in ('uuid-ossp', 'pg_trgm', 'btree_gin')
           and extnamespace = 'public'::regnamespace
           and extowner = current_user::regrole
    loop
        begin
            execute v_free;
        exception when dependent_objects_still_exist then
            null;  -- it has other users
        end;
    end loop;
end $$;

do $$
declare
    v_table text;
    v_function regprocedure;
begin
    drop materialized view if exists public.agent_performance_summary, public.pattern_effectiveness;
    for v_function in
        select oid from pg_catalog.pg_proc
         where pronamespace = 'public'::regnamespace
           and proname in ('upsert_q_value', 'get_best_action', 'cleanup_expired_data', 'refresh_materialized_views')
    loop
        execute format('drop function %s', v_function);
    end loop;
    foreach v_table in array array[
        'agent_types', 'sessions', 'q_values', 'trajectories', 'rewards', 'patterns', 'agent_states'
    ] loop
        execute format('alter table public.%I disable row level security', v_table);
        execute format('alter table public.%I no force row level security', v_table);
        execute format('alter table public.%I set schema qlmodels_adopt', v_table);
    end loop;
    perform qlmodels_adopt.free_extensions();
    if to_regclass('public.alembic_version') is not null then
        alter table public.alembic_version set schema qlmodels_adopt;
    end if;
end $$
