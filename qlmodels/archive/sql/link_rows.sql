update {table} as child
   set {link} = given.{link}
  from unnest($1::text[]) as line (document)
 cross join lateral json_to_record(line.document::json)
       as given (agent_type text, {key} uuid, {link} uuid)
 where given.agent_type = any ($2::text[])
   and given.{link} is not null
   and child.agent_type = given.agent_type
   and child.{key} = given.{key}
