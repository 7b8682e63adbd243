select
    'pg_catalog.pg_policy'::regclass::oid as class_,
    policy.oid as object,
    0 as part,
    'policy' as kind,
    said.name,
    'table' as of_kind,
    format('%I.%I', namespace.nspname, relation.relname) as of_name,
    json_strip_nulls(json_build_object(
        'command', said.command,
        'permissive', policy.polpermissive,
        'roles', said.roles,
        'using', said.using,
        'with check', said.with_check
    ))::text as properties,
    json_build_object(
        'create', concat_ws(E'\n',
            'create policy ' || said.name,
            case when not policy.polpermissive then '    as restrictive' end,
            '    for ' || said.command || ' to ' || said.roles,
            written.expressions),
        'drop', 'drop policy ' || said.name,
        'alter', json_build_object(
            'roles', written.alter,
            -- an expression can be changed, but not taken away
            'using', case when said.using is not null then written.alter end,
            'with check', case when said.with_check is not null then written.alter end)
    )::text as sql
from pg_catalog.pg_policy as policy
join pg_catalog.pg_class as relation on relation.oid = policy.polrelid
join pg_catalog.pg_namespace as namespace on namespace.oid = relation.relnamespace
cross join lateral (
    select
        format('%I on %I.%I', policy.polname, namespace.nspname, relation.relname) as name,
        case policy.polcmd when '*' then 'all' when 'r' then 'select'
            when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete' end as command,
        (select string_agg(
             case when member.oid = 0 then 'public'
                  when role.rolname = current_user then 'current_user'
                  else quote_ident(role.rolname) end,
             ', ' order by role.rolname)
         from unnest(policy.polroles) as member(oid)
         left join pg_catalog.pg_roles as role on role.oid = member.oid) as roles,
        pg_catalog.pg_get_expr(policy.polqual, policy.polrelid) as using,
        pg_catalog.pg_get_expr(policy.polwithcheck, policy.polrelid) as with_check
) as said
cross join lateral (
    select
        expressions,
        concat_ws(E'\n', 'alter policy ' || said.name, '    to ' || said.roles, expressions) as alter
    from concat_ws(E'\n', '    using (' || said.using || ')',
                   '    with check (' || said.with_check || ')') as expressions
) as written
where namespace.nspname !~ '^pg_' and namespace.nspname <> 'information_schema'
