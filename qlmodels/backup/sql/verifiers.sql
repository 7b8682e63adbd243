-- Only a superuser may read it.
select rolname::text as name,
       rolpassword as verifier
  from pg_catalog.pg_authid
 where rolname = any ($1::text[])
