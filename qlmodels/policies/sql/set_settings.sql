-- Give agent type $1 the settings in the document $2.
update public.agent_types as kind
   set initial_q_value = given.initial_q_value,
       environment = given.environment,
       action_space_dimensions = given.action_space_dimensions
  from jsonb_to_record($2::text::jsonb) as given (
           initial_q_value double precision, environment text, action_space_dimensions integer
       )
 where kind.agent_type = $1
