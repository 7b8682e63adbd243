-- The attempt failed: try again later, unless the message is too old.
update qlmodels_admin.alert_messages
   set last_error = :error,
       next_attempt_at = case
           when now() + cast(:pause as interval) < created_at + cast(:most as interval)
           then now() + cast(:pause as interval)
       end
 where message_id = :message_id
   and sent_at is null
