-- Beyond every number that is in use, and never back.
select setval($1::text::regclass, $2::bigint)
  from {sequence}
 where last_value < $2::bigint
    or not is_called
