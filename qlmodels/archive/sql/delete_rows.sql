delete from {table} where agent_type = any ($1::text[])
