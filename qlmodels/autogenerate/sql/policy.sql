select
    'pg_catalog.pg_policy'::regclass::oid as class_,
    policy.oid as object,
    0 as part,
    'policy' as kind,
    format('%I on %I.%I', policy.polname, namespace.nspname, relation.relname) as name,
    'table' as of_kind,
    format('%I.%I', namespace.nspname, relation.relname) as of_name,
    json_strip_nulls(json_build_object(
        'name', quote_ident(policy.polname),
        'command', case policy.polcmd when '*' then 'all' when 'r' then 'select'
                       when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete' end,
        'permissive', policy.polpermissive,
        'roles', (
            select json_agg(
                case when member.oid = 0 then 'public'
                     when role.rolname = current_user then 'current_user'
                     else quote_ident(role.rolname) end
                order by role.rolname)
            from unnest(policy.polroles) as member(oid)
            left join pg_catalog.pg_roles as role on role.oid = member.oid),
        'using', pg_catalog.pg_get_expr(policy.polqual, policy.polrelid),
        'with check', pg_catalog.pg_get_expr(policy.polwithcheck, policy.polrelid)
    ))::text as properties
from pg_catalog.pg_policy as policy
join pg_catalog.pg_class as relation on relation.oid = policy.polrelid
join pg_catalog.pg_namespace as namespace on namespace.oid = relation.relnamespace
where namespace.nspname !~ '^pg_' and namespace.nspname <> 'information_schema'
