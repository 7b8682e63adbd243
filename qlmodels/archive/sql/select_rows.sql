select {expressions}
  from {table}
 where agent_type = any ($1::text[])
 order by {order}
