with items as (
    select
        attribute.attrelid as object,
        case when item.grantee = 0 then 'public'
             when item.grantee = relation.relowner then 'owner'
             when grantee.rolname = current_user then 'current_user'
             else quote_ident(grantee.rolname) end
        || case when item.is_grantable then ' with grant option' else '' end as grantee,
        item.privilege_type,
        json_agg(quote_ident(attribute.attname) order by attribute.attname) as columns,
        min(item.position) as position
    from pg_catalog.pg_attribute as attribute
    join pg_catalog.pg_class as relation on relation.oid = attribute.attrelid
    cross join lateral pg_catalog.aclexplode(attribute.attacl)
        with ordinality as item(grantor, grantee, privilege_type, is_grantable, position)
    left join pg_catalog.pg_roles as grantee on grantee.oid = item.grantee
    where relation.oid >= 16384 and not attribute.attisdropped
    group by attribute.attrelid, relation.relowner, item.grantee, grantee.rolname,
             item.is_grantable, item.privilege_type
), grantees as (
    select
        items.object,
        items.grantee,
        min(items.position) as position,
        json_object_agg(items.privilege_type, items.columns order by items.position) as privileges
    from items
    group by items.object, items.grantee
)
select
    'pg_catalog.pg_class'::regclass::oid as class_,
    grantees.object,
    0 as part,
    'column acl' as kind,
    null::oid as of_class,
    null::oid as of_object,
    null::int as of_part,
    null as about,
    json_build_object('grants', json_object_agg(
        grantees.grantee, grantees.privileges order by grantees.position, grantees.grantee
    ))::text as properties,
    json_build_object('names', (
        select json_agg(quote_ident(attribute.attname))
        from pg_catalog.pg_attribute as attribute
        where attribute.attrelid = grantees.object and attribute.attacl is not null
    ))::text as sql
from grantees
group by grantees.object
