-- Whose curves there are: instances, and environments of the last thousand sessions.
select array(
           select s.agent_instance_id
             from public.agent_states as s
            where s.agent_type = :agent_type
            order by s.agent_instance_id
       ) as instances,
       array(
           select distinct latest.environment
             from (
                  select s.environment
                    from public.sessions as s
                   where s.agent_type = :agent_type
                   order by s.start_time desc
                   limit 1000
                  ) as latest
            order by latest.environment
       ) as environments
