-- of the extensions :names those that this login cannot create in a database of its own
select available.name
from pg_catalog.pg_available_extensions as available
join pg_catalog.pg_available_extension_versions as version
    on version.name = available.name and version.version = available.default_version
where available.name = any(:names)
  and version.superuser and not version.trusted
  and not (select role.rolsuper from pg_catalog.pg_roles as role where role.rolname = current_user)
