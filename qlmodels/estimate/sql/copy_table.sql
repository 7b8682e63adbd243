-- Statements that make an empty table like $1, indexes and storage parameters included, called $2.
select format(
           'create table %s (like %s including all) %s',
           $2::text, $1::text,
           'with (' || nullif(array_to_string(kept.reloptions, ', '), '') || ')'
       )
  from pg_class as kept
 where kept.oid = $1::text::regclass
