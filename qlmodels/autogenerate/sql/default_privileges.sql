with entries as (
    select
        grant_.oid,
        grant_.defaclacl as acl,
        -- in a schema entries add to the global ones, so that their own default is nothing
        case when grant_.defaclnamespace = 0
             then pg_catalog.acldefault(
                 case grant_.defaclobjtype when 'S' then 's'::"char" else grant_.defaclobjtype end,
                 grant_.defaclrole)
             else '{}'::aclitem[] end as usual,
        case when role.rolname = current_user then 'current_user'
             else quote_ident(role.rolname) end as role,
        grant_.defaclrole,
        quote_ident(namespace.nspname) as schema,
        case grant_.defaclobjtype
            when 'r' then 'tables' when 'S' then 'sequences' when 'f' then 'functions'
            when 'T' then 'types' when 'n' then 'schemas' else 'large objects' end as objects
    from pg_catalog.pg_default_acl as grant_
    join pg_catalog.pg_roles as role on role.oid = grant_.defaclrole
    left join pg_catalog.pg_namespace as namespace on namespace.oid = grant_.defaclnamespace
), items as (
    select
        entries.oid,
        case when item.grantee = 0 then 'public'
             when item.grantee = entries.defaclrole then 'owner'
             when grantee.rolname = current_user then 'current_user'
             else quote_ident(grantee.rolname) end
        || case when item.is_grantable then ' with grant option' else '' end as grantee,
        string_agg(item.privilege_type, ', ' order by item.position) as privileges,
        min(item.position) as position
    from entries
    cross join lateral pg_catalog.aclexplode(entries.acl)
        with ordinality as item(grantor, grantee, privilege_type, is_grantable, position)
    left join pg_catalog.pg_roles as grantee on grantee.oid = item.grantee
    group by entries.oid, entries.defaclrole, item.grantee, grantee.rolname, item.is_grantable
)
select
    0::oid as class_,
    0::oid as object,
    0 as part,
    'default privileges' as kind,
    concat_ws(' ', 'on', entries.objects, 'in schema ' || entries.schema, 'by', entries.role)
        as name,
    null as of_kind,
    null as of_name,
    json_strip_nulls(json_build_object(
        'role', entries.role,
        'schema', entries.schema,
        'objects', entries.objects,
        'grants', coalesce(
            (select json_object_agg(items.grantee, items.privileges order by items.position)
             from items where items.oid = entries.oid), '{}')
    ))::text as properties,
    '{}' as sql
from entries
where not (entries.acl <@ entries.usual and entries.usual <@ entries.acl)
