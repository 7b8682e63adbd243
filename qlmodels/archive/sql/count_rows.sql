select agent_type, count(*) as rows
  from {table}
 where agent_type = any ($1::text[])
 group by agent_type
