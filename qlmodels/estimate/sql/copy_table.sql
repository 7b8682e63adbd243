-- Statements that make an empty table like $1, called $2, indexes included, and of its storage
-- parameters those named in $3.
select format(
           'create table %s (like %s including all) %s',
           $2::text, $1::text,
           'with (' || (
               select string_agg(option_name || '=' || option_value, ', ')
                 from pg_options_to_table(kept.reloptions)
                where option_name = any($3::text[])
           ) || ')'
       )
  from pg_class as kept
 where kept.oid = $1::text::regclass
