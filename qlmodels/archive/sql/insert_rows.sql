insert into {table} ({columns})
overriding system value
select {values}
  from unnest($1::text[]) as line (document)
 cross join lateral json_to_record(line.document::json) as given ({record})
 where given.agent_type = any ($2::text[])
