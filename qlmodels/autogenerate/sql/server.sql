select
    control.system_identifier::text as system,
    pg_catalog.version() as version,
    current_user::text as login,
    (select array_agg(format('%s %s %s %s', role.oid, quote_ident(role.rolname), role.rolsuper,
                             pg_catalog.pg_has_role(role.oid, 'usage')) order by role.oid)
     from pg_catalog.pg_roles as role where role.oid >= 16384) as roles,
    (select array_agg(extension.name || ' ' || extension.default_version order by extension.name)
     from pg_catalog.pg_available_extensions as extension) as extensions,
    (select array_agg(format('%s %s', setting.setdatabase, setting.setconfig) order by 1)
     from pg_catalog.pg_db_role_setting as setting) as settings,
    (select format('%s %s %s', template.encoding, template.datcollate, template.datctype)
     from pg_catalog.pg_database as template where template.datname = 'template0') as template
from pg_catalog.pg_control_system() as control
