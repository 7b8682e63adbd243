-- No other demo runs, so who left these sessions open was killed.
update public.sessions
   set status = 'failed',
       end_time = updated_at
 where agent_type = $1
   and status = 'active'
