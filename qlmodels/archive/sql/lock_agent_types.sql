-- Whoever writes a new row of these agent types waits until the import has ended.
select kind.agent_type
  from public.agent_types as kind
 where kind.agent_type = any ($1::text[])
 order by kind.agent_type
   for update
